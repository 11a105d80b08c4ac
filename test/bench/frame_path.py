"""An inspector as one writes it in Python: paho-mqtt, OpenCV, ONNX Runtime, SQLite. The peer of `lineside bench frame-path`.

One JSON object as its argument says where everything is; a line of JSON on stdout says that it takes frames. QoS 1 with
manual acknowledgement: a frame's identity is on the disk before its PUBACK, its verdict before it is published, and what
comes together shares a commit. It has no deadlines, no page, no plant database, no image gate, no hot swap.
"""

import json
import queue
import signal
import sqlite3
import sys
import threading
import time

import cv2
import numpy as np
import onnxruntime
import paho.mqtt
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

# Parallelism comes from the worker threads.
cv2.setNumThreads(1)


def open_ledger(file):
    ledger = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    ledger.execute("PRAGMA journal_mode = WAL")
    ledger.execute("PRAGMA synchronous = FULL")
    ledger.execute("CREATE TABLE accepted (frame TEXT PRIMARY KEY, camera TEXT, seq INTEGER, received REAL, body TEXT)")
    ledger.execute("CREATE TABLE closed (frame TEXT PRIMARY KEY, body TEXT)")
    return ledger


def keep_ledger(ledger, requests):
    """One thread writes; whatever waits goes into one commit, and then hears that it is on the disk."""
    while True:
        group = [requests.get()]
        while not requests.empty() and len(group) < 256:
            group.append(requests.get_nowait())
        ledger.execute("BEGIN IMMEDIATE")
        news = [ledger.execute(statement, values).rowcount == 1 for statement, values, _ in group]
        ledger.execute("COMMIT")
        for (_, _, then), is_new in zip(group, news):
            then(is_new)


def inspect(settings, session, frames, requests, client):
    side = settings["side"]
    while True:
        camera, frame, payload, received = frames.get()
        picture = cv2.imdecode(np.frombuffer(payload, np.uint8), cv2.IMREAD_COLOR)
        rgb = cv2.cvtColor(cv2.resize(picture, (side, side)), cv2.COLOR_BGR2RGB)
        scores = session.run(settings["outputs"], {settings["input"]: rgb[np.newaxis]})
        score = float(1 - scores[0][0][0])
        verdict = {
            "frameId": frame,
            "camera": camera,
            "verdict": "PASS" if score < settings["threshold"] else "FAIL",
            "reason": "MODEL",
            "score": score,
            "late": False,
            "model": {"id": "peer"},
            "ts": {"received": received, "decided": time.time()},
        }
        body = json.dumps(verdict)
        topic = f"{settings['base']}/{camera}/verdict"
        requests.put((
            "INSERT OR IGNORE INTO closed VALUES (?, ?)",
            (frame, body),
            lambda _, topic=topic, body=body: client.publish(topic, body, qos=1),
        ))


def tell():
    versions = f"OpenCV {cv2.__version__}, onnxruntime {onnxruntime.__version__}, paho-mqtt {paho.mqtt.__version__}"
    print(json.dumps({"words": f"Python {sys.version.split()[0]}, {versions}"}), flush=True)


def main():
    settings = json.loads(sys.argv[1])
    if settings is None:
        tell()
        return
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    frames, requests = queue.Queue(), queue.Queue()
    ledger = open_ledger(settings["ledger"])
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, manual_ack=True)

    def on_frame(_client, _data, message):
        received = time.time()
        said = dict(message.properties.UserProperty)
        camera = message.topic.split("/")[-2]
        frame = said["frameId"]

        def accepted(is_new):
            client.ack(message.mid, message.qos)
            if is_new:
                frames.put((camera, frame, message.payload, received))

        requests.put((
            "INSERT OR IGNORE INTO accepted VALUES (?, ?, ?, ?, ?)",
            (frame, camera, int(said["seq"]), received, json.dumps(said)),
            accepted,
        ))

    ready = threading.Event()
    client.on_message = on_frame
    client.on_subscribe = lambda *_: ready.set()
    properties = Properties(PacketTypes.CONNECT)
    properties.ReceiveMaximum = 20
    client.connect(settings["host"], settings["port"], properties=properties)
    threading.Thread(target=keep_ledger, args=(ledger, requests), daemon=True).start()
    for _ in range(settings["workers"]):
        session = onnxruntime.InferenceSession(settings["graph"], options, providers=["CPUExecutionProvider"])
        threading.Thread(target=inspect, args=(settings, session, frames, requests, client), daemon=True).start()
    client.loop_start()
    client.subscribe(f"{settings['base']}/+/frame", qos=1)
    ready.wait()
    tell()
    signal.sigwait([signal.SIGTERM, signal.SIGINT])


main()
