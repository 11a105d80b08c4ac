import { type Html, html, Html as Markup } from './html.js';

/** Colours by what they mean; charts and tables use the same ones. Both sets keep 4.5:1 against their ground. */
const LIGHT =
  '--ground:#ffffff;--panel:#f6f7f9;--line:#d9dde3;--ink:#1b2430;--faint:#5b6675;--good:#0b7285;--defect:#c2410c;--mark:#6d28d9;--grey:#e7e3f3;--wrong:#b91c1c;--right:#15803d';
const DARK =
  '--ground:#12161c;--panel:#1b2129;--line:#343d49;--ink:#e6eaf0;--faint:#a3aebd;--good:#4cc3d9;--defect:#ff9a5c;--mark:#b79cff;--grey:#2b2740;--wrong:#ff8a8a;--right:#6fdc8c';

const STYLE = `
:root{${LIGHT};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{${LIGHT};color-scheme:light}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1320px;margin:0 auto;padding:24px 28px 64px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px}
h2{font-size:19px;margin:0 0 4px}
h3{font-size:15px;margin:16px 0 6px}
p{margin:0 0 10px}
section{margin-top:36px;break-inside:avoid-page}
.about,.sub,figcaption,small{color:var(--faint)}
.about{max-width:90ch}
.sub{font-size:14px;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px;margin:18px 0}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.card b{display:block;font-size:26px;line-height:1.25;font-variant-numeric:tabular-nums}
.card.wrong b{color:var(--defect)}
.card span{color:var(--faint);font-size:13.5px;display:block}
.note{border-left:4px solid var(--mark);background:var(--panel);padding:10px 14px;margin:10px 0;border-radius:0 6px 6px 0;max-width:105ch}
.note.wrong{border-color:var(--wrong);overflow-wrap:anywhere}
.note ul{margin:4px 0 0;padding-left:20px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));align-items:start;gap:18px;margin-top:10px}
figure{margin:0;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 12px 6px;break-inside:avoid}
figcaption{font-size:14px;margin-bottom:4px}
figure{container-type:inline-size;overflow-x:auto}
figure svg{display:block;width:100%;height:auto}
figure svg.narrow{display:none}
@media screen{figure svg.wide:only-of-type{min-width:500px}}
@container (max-width:480px){figure svg.wide:not(:only-of-type){display:none}figure svg.narrow{display:block}}
.scroll{overflow-x:auto;background:linear-gradient(to left,var(--ground) 50%,transparent) right/28px 100% no-repeat local,linear-gradient(to left,var(--line),transparent) right/14px 100% no-repeat scroll}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;min-width:min(100%,560px)}
th,td{text-align:right;padding:5px 14px 5px 0;border-bottom:1px solid var(--line);white-space:nowrap}
th.words,td.words{text-align:left;white-space:normal;min-width:18ch}
th:first-child{text-align:left;font-weight:500}
thead th{color:var(--faint);font-weight:500;border-bottom-color:var(--faint)}
.bad{color:var(--wrong);font-weight:600}
.fine{color:var(--right)}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px;margin-top:8px}
.picture{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px;break-inside:avoid;font-size:13.5px}
.picture.wrong{border-color:var(--wrong)}
.picture div{display:grid;grid-template-columns:1fr 1fr;gap:6px}
.picture div.single{grid-template-columns:1fr}
.picture img{width:100%;display:block;border-radius:4px;background:var(--line)}
.picture p{margin:6px 0 0;overflow-wrap:anywhere}
details summary{cursor:pointer;color:var(--faint)}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto;font-size:13px;line-height:1.45}
@media (max-width:600px){main{padding:16px 16px 48px}.cards{grid-template-columns:repeat(2,minmax(0,1fr));gap:10px}.card{padding:10px 12px}thead th{white-space:normal;vertical-align:bottom}th,td{padding-right:10px}}
@media print{body,table,figcaption,pre,.sub,.card span,.picture{font-size:11px}h1{font-size:20px}h2{font-size:15px}h3,.card b{font-size:13px}section{margin-top:20px;break-inside:auto}h2,h3,.about{break-after:avoid}tr{break-inside:avoid}
main{max-width:none;padding:0}details::details-content{display:contents;content-visibility:visible}summary,.scroll:has(+details .scroll){display:none}.scroll{overflow:visible;background:none}pre{white-space:pre-wrap}th,td{padding:2px 10px 2px 0}td.words{min-width:0}
.charts{grid-template-columns:repeat(2,minmax(0,1fr))}.pictures{grid-template-columns:repeat(3,minmax(0,1fr))}table{min-width:0}}
`;

/** A whole page in one file: it asks the network for nothing, runs no script, and reads in light, dark and on paper. */
export function renderPage({ title, body }: { title: string; body: Html }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body><main>
${body}</main></body>
</html>
`.text;
}
