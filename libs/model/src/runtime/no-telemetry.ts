/**
 * From 1.29 on ONNX Runtime tells its maker what it runs and on what machine, from threads of its own, and keeps a number
 * of the machine in the user's cache folder, unless this is set before it loads (its docs/Privacy.md). What a line
 * inspects stays on the line; whoever wants it otherwise sets the variable. Threads see what the process has, so it is set
 * before they start.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
