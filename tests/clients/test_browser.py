#!/usr/bin/python3
"""A real browser (chromium) opens a page of another port, which tries what a stranger's page would: everything is refused, and a page
that [http] origins lists is answered. Skipped where chromium isn't installed: make setup-browser."""
import http.server
import json
import os
import shutil
import subprocess
import threading

from tarn import TMP, Stack, call, done, ok, same, skip_all

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM:
    skip_all("chromium isn't installed")

PAGE = """<!doctype html><meta charset=utf-8><img src="%(control)s/_tarn/endpoints"><pre id=out></pre><script>
const at = %(at)s, out = {};
const plain = body => ({method: 'POST', mode: 'no-cors', body, headers: {'Content-Type': 'text/plain'}});
async function look(name, url, options) {
  try { const r = await fetch(url, options); out[name] = r.type === 'opaque' ? 'sent' : r.status + ' ' + await r.text(); }
  catch (e) { out[name] = 'refused'; }
}
(async () => {
  await look('fault', at.control + '/_tarn/faults', plain('s3 drop name=evil'));
  await look('clock', at.control + '/_tarn/clock', plain('freeze'));
  await look('import', at.aws + '/restapis?mode=import&X-Amz-Credential=a/20260101/us-east-1/apigateway/aws4_request',
             plain(JSON.stringify({openapi: '3.0.1', info: {title: 'evil', version: '1'}, paths: {}})));
  await look('put', at.aws + '/' + at.bucket + '/evil', {method: 'PUT', body: 'x'});
  await look('health', at.control + '/health');
  await look('sql', at.control + '/api/tarn/sql', {method: 'POST', body: 'SELECT 40+2 AS a', headers: {'X-Tarn': '1'}});
  document.getElementById('out').textContent = JSON.stringify(out);
  document.title = 'ready';
})();
</script>"""


class Pages(http.server.BaseHTTPRequestHandler):
    page = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_):
        pass


def visit(s, port):
    """What the page wrote when all its requests had an answer."""
    Pages.page = (PAGE % {"control": s.at["control"], "at": json.dumps({**s.at, "bucket": s.bucket})}).encode()
    r = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                        "--disable-background-networking", "--user-data-dir=" + os.path.join(TMP, "browser"), "--virtual-time-budget=20000",
                        "--dump-dom", f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=120)
    dom = r.stdout
    if '<pre id="out">{' not in dom:
        ok(False, "the browser ran the page", dom + r.stderr)
        return {}
    return json.loads(dom.split('<pre id="out">')[1].split("</pre>")[0])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]

with Stack(only="s3,apigateway,lake") as stack:
    got = visit(stack, port)
    same({k: got.get(k) for k in ("put", "health", "sql")}, {"put": "refused", "health": "refused", "sql": "refused"}, "a page of another port reads nothing")
    faults, health = stack.control("GET", "/_tarn/faults"), stack.control("GET", "/health")
    ok("evil" not in json.dumps(faults) and not health["frozen"], "it arms no fault and turns no clock", f"{faults} {health}")
    same([a["name"] for a in stack.client("apigateway").get_rest_apis()["items"] if a["name"] == "evil"], [], "it imports no API")
    same(stack.keys("evil"), [], "it puts no object")
    ok(f'origins="http://127.0.0.1:{port}"' in open(os.path.join(TMP, "log"), encoding="utf-8").read(), "the log names its origin")

with Stack("--set", f"http.origins=http://127.0.0.1:{port}", only="s3,apigateway,lake") as stack:
    got = visit(stack, port)
    ok(got.get("health", "").startswith("200 ") and '"status"' in got.get("health", ""), "a page on [http] origins reads the control port", got)
    ok(got.get("sql", "").startswith("200 ") and "42" in got.get("sql", ""), "and asks the lake, with a preflight", got)
server.shutdown()
done()
