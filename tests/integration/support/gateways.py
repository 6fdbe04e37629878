"""Stand-ins for backends that cannot run here, in front of a real Prometheus.

Each refuses what the real one refuses, with its words and its shape of errors,
and notes it; what it lets through a real Prometheus answers.
"""

import http.server
import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

# What a client of these sends; others answer 400 to anything else.
_KNOWN = {"query", "time", "timeout", "match[]", "start", "end"}
_NAME_PATTERN = re.compile(r"__name__\s*(=~|!~|!=)")
# Braces behind no name and without an exact one in them.
_NAMELESS = re.compile(r'(?<![\w:])\{(?![^}]*__name__\s*=\s*"[^"])(?!\s*")')


class Refusal(Exception):
    def __init__(self, status, body, headers=None):
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body if isinstance(body, str) else json.dumps(body)
        self.headers = headers or {}


class Request:
    """A request for an endpoint of the API, "query" or "label/pod/values"."""

    def __init__(self, handler, prefix):
        url = urllib.parse.urlsplit(handler.path)
        self.method = handler.command
        self.headers = handler.headers
        self.raw_query = url.query
        length = int(handler.headers.get("Content-Length") or 0)
        self.form = handler.rfile.read(length).decode()
        self.endpoint = None
        if url.path.startswith(prefix + "/api/v1/"):
            self.endpoint = url.path[len(prefix + "/api/v1/"):]
        self.parameters = urllib.parse.parse_qsl(
            url.query) + urllib.parse.parse_qsl(self.form)

    def all(self, name):
        return [value for key, value in self.parameters if key == name]

    def first(self, name):
        return next(iter(self.all(name)), None)


class Gateway:
    """Listens on a free port until closed; subclasses say what they refuse."""

    prefix = ""

    def __init__(self, backend_url):
        self._backend = backend_url
        self.refused = []  # "GET series: 400 ..."
        self.asked = []    # endpoints
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                gateway._answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                """The log is `asked` and `refused`."""

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{self.prefix}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request):
        """The body of the answer; raises Refusal."""
        raise NotImplementedError

    def forward(self, request, drop=()):
        """Prometheus' answer, as JSON; raises Refusal with its error."""
        parameters = [(key, value) for key, value in request.parameters
                      if key not in drop]
        url = (f"{self._backend}/api/v1/{request.endpoint}?"
               f"{urllib.parse.urlencode(parameters)}")
        try:
            with urllib.request.urlopen(url, timeout=20) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise Refusal(error.code, error.read().decode()) from None

    def _answer(self, handler):
        request = Request(handler, self.prefix)
        self.asked.append(request.endpoint)
        headers = {}
        try:
            if request.endpoint is None:
                raise Refusal(404, "404 page not found")
            status, body = 200, json.dumps(self.answer(request))
        except Refusal as refusal:
            status, body, headers = (
                refusal.status, refusal.body, refusal.headers)
            self.refused.append(f"{request.method} {request.endpoint}: "
                                f"{refusal} for {request.parameters}")
        data = body.encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


def _selectors(request):
    return request.all("match[]") + request.all("query")


class Google(Gateway):
    """Managed Service for Prometheus: exact names, a list of all of Google's."""

    prefix = "/v1/projects/example/location/global/prometheus"
    token = "ya29.a-token"
    catalogue = [f"compute.googleapis.com/instance/metric_{i}"
                 for i in range(18_000)]

    @staticmethod
    def _error(code, status, message):
        return Refusal(code, {"error": {
            "code": code, "message": message, "status": status,
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                         "reason": "STAND_IN"}]}})

    def lets_in(self, request):
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def answer(self, request):
        if not self.lets_in(request):
            raise self._error(401, "UNAUTHENTICATED", "no valid credentials")
        if request.endpoint.startswith("status/"):
            raise self._error(404, "NOT_FOUND", "no such method")
        unknown = {key for key, _ in request.parameters} - _KNOWN
        if unknown:
            raise self._error(400, "INVALID_ARGUMENT",
                              f"Cannot bind query parameter: {unknown}")
        if (request.endpoint in ("series", "labels")
                and request.method != "GET"):
            raise self._error(400, "INVALID_ARGUMENT", "lists are GET only")
        if (request.endpoint == "label/__name__/values"
                and not request.all("match[]")):
            reply = self.forward(request)
            reply["data"] = sorted(reply["data"] + self.catalogue)
            return reply
        for selector in _selectors(request) or [""]:
            if _NAME_PATTERN.search(selector):
                raise Refusal(400, {
                    "status": "error", "errorType": "bad_data",
                    "error": 'invalid parameter "query": substitute queries '
                             "failed: convert vector selector failed: =~ is an "
                             "unsupported matchtype for the __name__ label: "
                             "invalid argument"})
            if not selector or _NAMELESS.search(selector):
                raise Refusal(400, {
                    "status": "error", "errorType": "bad_data",
                    "error": "a selector without an exact __name__"})
        return self.forward(request)


class Azure(Gateway):
    """Azure Monitor workspace: one name a selector, values of __name__ only."""

    def lets_in(self, _request):
        """Whoever comes; tests of credentials say more."""
        return True

    def answer(self, request):
        if not self.lets_in(request):
            raise Refusal(401, {"error": {"code": "Unauthorized",
                                          "message": "no valid token"}})
        error = None
        if request.endpoint == "label/__name__/values":
            # The whole retention, whatever is asked for.
            return self.forward(request, drop=("match[]", "start", "end"))
        if request.endpoint.startswith("label/"):
            error = "only values of __name__ are supported"
        if request.endpoint.startswith("status/"):
            error = "not supported"
        for selector in _selectors(request) or [""]:
            names = len(re.findall("__name__", selector))
            if (_NAME_PATTERN.search(selector) or names > 1
                    or _NAMELESS.search(selector) or not selector):
                error = "one __name__ matcher is needed"
            if request.endpoint == "series" and "~" in selector:
                error = "no regular expressions in series"
        if error:
            raise Refusal(400, {"error": {"code": "BadRequest",
                                          "message": error}})
        return self.forward(request)


class Amazon(Gateway):
    """Managed Service for Prometheus: what is signed must be encoded so."""

    prefix = "/workspaces/ws-12345678-abcd-4442-b8c5-262b45e9b535"

    def answer(self, request):
        signed = request.raw_query
        if "+" in signed or "[" in signed or "]" in signed:
            raise Refusal(403, {"message": "The request signature we "
                                "calculated does not match"})
        if request.endpoint.startswith("status/"):
            raise Refusal(404, {"message": "no such operation"})
        return self.forward(request)


class Thanos(Gateway):
    """A querier with a store down: half of the data, unless told otherwise."""

    tells_build = True
    store_is_down = True

    def answer(self, request):
        if request.endpoint == "status/buildinfo":
            if not self.tells_build:
                raise Refusal(403, "Forbidden")
            return {"status": "success",
                    "data": {"version": "0.35.1", "branch": "HEAD"}}
        reply = self.forward(request, drop=(
            "partial_response", "dedup", "nocache", "deny_partial_response"))
        if not self.store_is_down:
            return reply
        if request.first("partial_response") == "false":
            raise Refusal(422, {
                "status": "error", "errorType": "execution",
                "error": "expanding series: proxy Series(): fetch series for "
                         "store:10901: rpc error: code = Unavailable"})
        if request.endpoint == "query":
            reply["data"]["result"] = reply["data"]["result"][:1]
        reply["warnings"] = ["No StoreAPIs matched for this query"]
        return reply


class VictoriaMetricsCluster(Gateway):
    """A vmselect that has lost a storage node."""

    prefix = "/select/0/prometheus"
    store_is_down = True

    def answer(self, request):
        reply = self.forward(request, drop=("nocache", "deny_partial_response"))
        if not self.store_is_down:
            return reply
        if request.first("deny_partial_response") == "1":
            raise Refusal(503, {
                "status": "error", "errorType": "503",
                "error": "cannot fetch data from vmstorage nodes: partial "
                         "response is denied"})
        return {"isPartial": True, **reply}
