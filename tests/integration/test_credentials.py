"""A backend that checks signatures, as Amazon's does, and the servers of keys."""

import datetime
import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request

from support.clouds import ASK, CloudTestCase, StandIn

WORKSPACE = "/workspaces/ws-1"
REGION = "eu-west-1"
WEB_TOKEN = "header.web-identity-token.signature"
ROLE = "arn:aws:iam::1:role/r"


def from_now(**span):
    """A time as Amazon writes it."""
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sts_reply(name, secret, token, end):
    return (
        "<AssumeRoleWithWebIdentityResponse><Credentials>"
        f"<AccessKeyId>{name}</AccessKeyId>"
        f"<SecretAccessKey>{secret}</SecretAccessKey>"
        f"<SessionToken>{token}</SessionToken>"
        f"<Expiration>{end}</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResponse>").encode()


def sts_error(code, message):
    return (f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}"
            "</Message></Error></ErrorResponse>").encode()


def signature_fault(handler, body, keys, service):
    """Why the signature is not that of the request; None if it is."""
    name, secret, token = keys
    proof = handler.headers.get("Authorization", "")
    scheme, _, rest = proof.partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        return "MissingAuthenticationToken"
    parts = dict(part.split("=", 1) for part in rest.split(", "))
    moment = handler.headers["x-amz-date"]
    signed_at = datetime.datetime.strptime(
        moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    age = datetime.datetime.now(datetime.timezone.utc) - signed_at
    if abs(age) > datetime.timedelta(minutes=5):
        return "SignatureExpired"
    scope = f"{moment[:8]}/{REGION}/{service}/aws4_request"
    if parts["Credential"] != f"{name}/{scope}":
        return "UnrecognizedClient"
    if token and handler.headers.get("x-amz-security-token") != token:
        return "InvalidToken"
    names = parts["SignedHeaders"].split(";")
    if not {"host", "x-amz-date"} <= set(names) or names != sorted(names):
        return "too few headers are signed"
    if token and "x-amz-security-token" not in names:
        return "the session token is not signed"
    path, _, query = handler.path.partition("?")
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")  # noqa: E731
    pairs = sorted((quote(urllib.parse.unquote(key)),
                    quote(urllib.parse.unquote(value)))
                   for key, _, value in (
                       pair.partition("=") for pair in query.split("&")
                       if pair))
    canonical = "\n".join([
        handler.command, urllib.parse.quote(path, safe="/-_.~"),
        "&".join(f"{key}={value}" for key, value in pairs),
        *(f"{key}:{handler.headers[key].strip()}" for key in names), "",
        ";".join(names), hashlib.sha256(body).hexdigest()])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    if key.hex() != parts["Signature"]:
        return "SignatureDoesNotMatch"
    return None


class Sts(StandIn):
    """Exchanges the web identity's token for keys; the newest keys count."""

    def __init__(self):
        self.asked = 0
        self.fault = None
        super().__init__()

    @property
    def keys(self):
        return (f"ASIA{self.asked}", f"secret-key-{self.asked}",
                f"session-token-{self.asked}")

    def answer(self, handler, body):
        form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        wanted = {"Action": "AssumeRoleWithWebIdentity",
                  "Version": "2011-06-15", "RoleArn": ROLE,
                  "RoleSessionName": "sextant", "WebIdentityToken": WEB_TOKEN}
        if self.fault:
            return self.fault
        if handler.command != "POST" or form != wanted:
            return 403, sts_error("AccessDenied", WEB_TOKEN)
        return self.give()

    def give(self):
        """Keys of an hour."""
        self.asked += 1
        return 200, sts_reply(*self.keys, from_now(hours=1))


class SignedSts(Sts):
    """Gives the keys of another role to who signs with those of `keys()`."""

    def __init__(self, own):
        self._own = own
        self.refused = []
        super().__init__()

    def answer(self, handler, body):
        why = signature_fault(handler, body, self._own(), "sts")
        form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        if form != {"Action": "AssumeRole", "Version": "2011-06-15",
                    "RoleArn": "arn:aws:iam::2:role/other",
                    "RoleSessionName": "sextant"}:
            why = f"asks for {form}"
        if why:
            self.refused.append(why)
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        return self.give()


class Metadata(StandIn):
    """A node's metadata, version 2: nothing without a token of its own."""

    keys = ("ASIANODE", "node-secret-key", "node-session-token")

    def answer(self, handler, body):
        folder = "/latest/meta-data/iam/security-credentials/"
        if (handler.command, handler.path) == ("PUT", "/latest/api/token"):
            lasts = handler.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
            return (200, b"metadata-token") if lasts == "21600" else (400, b"")
        if handler.headers.get("X-aws-ec2-metadata-token") != "metadata-token":
            return 401, b""
        if handler.path == folder:
            return 200, b"node-role\n"
        if handler.path != folder + "node-role":
            return 404, b""
        name, secret, token = self.keys
        return 200, json.dumps({
            "Code": "Success", "AccessKeyId": name, "SecretAccessKey": secret,
            "Token": token, "Expiration": from_now(hours=1)}).encode()


class Workspace(StandIn):
    """Lets through to a Prometheus what is signed with the keys of `keys()`."""

    def __init__(self, backend_url, keys):
        self._backend = backend_url
        self._keys = keys
        self.let_through = 0
        self.refused = []
        super().__init__()

    def answer(self, handler, body):
        why = signature_fault(handler, body, self._keys(), "aps")
        if why:
            self.refused.append(f"{handler.command} {handler.path}: {why}")
            return 403, b'{"message":"%s"}' % why.encode()
        self.let_through += 1
        request = urllib.request.Request(
            self._backend + handler.path.removeprefix(WORKSPACE),
            data=body if handler.command == "POST" else None)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class AmazonTest(CloudTestCase):
    def program(self, workspace, environment, *extra):
        return self.start(workspace.url + WORKSPACE, environment,
                          "--backend-auth=aws", f"--sigv4-region={REGION}",
                          *extra)

    def test_every_request_is_signed_with_the_keys_of_the_environment(self):
        keys = ("AKIDEXAMPLE", "static-secret-key", "")
        for verb in ("GET", "POST"):
            with self.subTest(verb):
                workspace = Workspace(self.backend.url, lambda: keys)
                self.addCleanup(workspace.close)
                program, client = self.program(
                    workspace, {"AWS_ACCESS_KEY_ID": keys[0],
                                "AWS_SECRET_ACCESS_KEY": keys[1]},
                    f"--prometheus-verb={verb}")
                reply = client.get(ASK)
                self.assertEqual(reply.status, 200, reply)
                self.assertIn('"value"', reply.body)
                self.assertEqual(workspace.refused, [])
                self.assertGreater(workspace.let_through, 1)
                self.no_secret_in(program, client, keys[1])

    def with_role(self, workspace, sts, web_token):
        token = self.folder / "token"
        token.write_text(web_token + "\n")
        return self.program(
            workspace, {"AWS_ROLE_ARN": ROLE,
                        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
                        "AWS_ENDPOINT_URL_STS": sts.url})

    def test_a_service_accounts_role_gives_the_keys(self):
        sts = self.server(Sts())
        workspace = self.server(Workspace(self.backend.url, lambda: sts.keys))
        sts.fault = (500, sts_error("AccessDenied", WEB_TOKEN))
        program, client = self.with_role(workspace, sts, WEB_TOKEN)
        self.is_not_served(client, WEB_TOKEN)
        program.wait_until("the log says so", lambda:
                           "answers 500 (AccessDenied)" in program.log())
        self.assertEqual(workspace.let_through, 0)
        self.no_secret_in(program, client, WEB_TOKEN)

        sts.fault = None
        program.wait_until("the keys are there",
                           lambda: client.get(ASK).status == 200)
        self.assertEqual(sts.asked, 1)
        self.assertEqual(workspace.refused, [])
        self.no_secret_in(program, client, WEB_TOKEN, *sts.keys[1:])

    def test_an_sts_that_lies_is_named_and_not_believed(self):
        sts = self.server(Sts())
        workspace = self.server(Workspace(self.backend.url, lambda: sts.keys))
        sts.fault = (400, b"")
        program, client = self.with_role(workspace, sts, "verysecret")
        keys = ("ASIA1", "secret-key-x", "session-token-x")
        faults = [
            (400, sts_error("ExpiredTokenException", "verysecret"),
             "answers 400 (ExpiredTokenException)"),
            (403, sts_error("verysecret", ""), "answers 403"),
            (200, b"<html>verysecret</html>",
             "answers something else than keys"),
            (200, b'{"Credentials":{"SecretAccessKey":"secret-key-x"}}',
             "answers something else than keys"),
            (200, sts_reply(*keys[:2], "", from_now(hours=1)),
             "answers something else than keys"),
            (200, sts_reply(*keys, "soon"),
             "answers something else than keys"),
            (200, sts_reply(*keys, from_now(hours=-1)),
             "had ended when they came"),
            (200, b"x" * 10_000_000, "cannot be asked"),
            (500, b"verysecret", "answers 500"),
            (302, b"", "answers 302", ("Location", workspace.url)),
        ]
        self.lies_are_named(sts, faults, program, client, "verysecret",
                            *keys[1:])
        self.assertEqual((workspace.let_through, workspace.refused), (0, []))

    def test_the_node_gives_the_keys_if_nobody_else_does(self):
        metadata = self.server(Metadata())
        workspace = self.server(
            Workspace(self.backend.url, lambda: metadata.keys))
        program, client = self.program(
            workspace, {"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url})
        self.is_served(program, client)
        self.assertEqual(workspace.refused, [])
        self.no_secret_in(program, client, "metadata-token",
                          *metadata.keys[1:])

    def test_another_role_is_assumed_with_these_keys(self):
        metadata = self.server(Metadata())
        sts = self.server(SignedSts(lambda: metadata.keys))
        workspace = self.server(Workspace(self.backend.url, lambda: sts.keys))
        program, client = self.program(
            workspace, {"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url,
                        "AWS_ENDPOINT_URL_STS": sts.url},
            "--sigv4-role-arn=arn:aws:iam::2:role/other")
        self.is_served(program, client)
        self.assertEqual(sts.refused + workspace.refused, [])
        self.assertEqual(sts.asked, 1)
        self.no_secret_in(program, client, *metadata.keys[1:], *sts.keys[1:])

    def test_wrong_keys_are_refused_and_said_so(self):
        workspace = Workspace(
            self.backend.url, lambda: ("AKIDEXAMPLE", "another", ""))
        self.addCleanup(workspace.close)
        program, client = self.program(
            workspace, {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                        "AWS_SECRET_ACCESS_KEY": "static-secret-key"})
        self.is_not_served(client, "static-secret-key")
        self.assertIn("SignatureDoesNotMatch", workspace.refused[0])
        program.wait_until(
            "the log says so", lambda:
            "credentials sent: a signature with AWS keys" in program.log())
        self.no_secret_in(program, client, "static-secret-key")
