"""A backend that wants tokens of Google, and the servers that give them."""

import base64
import datetime
import json
import subprocess
import time
import urllib.parse

from support.clouds import ASK, FORM, CloudTestCase, TokenServer
from support.gateways import Google

READ = "https://www.googleapis.com/auth/monitoring.read"
SUBJECT = "header.subject-token.signature"


class GuardedGoogle(Google):
    """Lets in who has a good token, and notes who is to pay."""

    def __init__(self, backend_url, is_good):
        self._is_good = is_good
        self.payers = set()
        super().__init__(backend_url)

    def lets_in(self, request):
        self.payers.add(request.headers.get("X-Goog-User-Project"))
        scheme, _, token = request.headers.get(
            "Authorization", "").partition(" ")
        return scheme == "Bearer" and self._is_good(token)


class Impersonator(TokenServer):
    """generateAccessToken."""

    def reply(self, token):
        end = datetime.datetime.now(
            datetime.timezone.utc) + datetime.timedelta(hours=1)
        return json.dumps({
            "accessToken": token,
            "expireTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}).encode()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class GoogleTest(CloudTestCase):
    def google(self, environment, is_good, *extra):
        gateway = self.server(GuardedGoogle(self.backend.url, is_good))
        program, client = self.start(
            gateway.url, environment, "--backend-auth=google", *extra)
        return gateway, program, client

    def file(self, **fields):
        path = self.folder / "credentials.json"
        path.write_text(json.dumps(fields))
        return path

    def test_the_metadata_server_gives_tokens_and_more_when_they_end(self):
        metadata = self.server(TokenServer(lambda: (
            "GET", "/computeMetadata/v1/instance/service-accounts/default/token"
            f"?scopes={urllib.parse.quote(READ, safe='')}",
            {"Metadata-Flavor": "Google"}, ""), lasts=2))
        # As on GKE in the first seconds.
        metadata.fault = (503, b"")
        gateway, program, client = self.google(
            {"GCE_METADATA_HOST": metadata.url.removeprefix("http://")},
            lambda token: token in metadata.given)
        self.is_not_served(client)
        metadata.fault = None
        self.is_served(program, client)
        program.wait_until("a token was renewed", lambda: client.get(ASK).status
                           == 200 and len(metadata.given) > 2)
        self.assertEqual(metadata.wrong, [])
        self.assertEqual(gateway.refused, [])
        self.assertEqual(gateway.payers, {None})
        self.no_secret_in(program, client, "secret-token")

    def test_a_key_signs_its_tokens_itself(self):
        key = self.folder / "key.pem"
        public = self.folder / "public.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                        "rsa_keygen_bits:2048", "-out", key],
                       check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out",
                        public], check=True, capture_output=True)
        checked = {}

        def is_signed(token):
            if token not in checked:
                checked[token] = self.is_of_key(token, public)
            return checked[token]

        path = self.file(
            type="service_account", client_email="sextant@example.iam",
            private_key_id="key-1", private_key=key.read_text(),
            token_uri="https://oauth2.googleapis.com/token")
        gateway, program, client = self.google(
            {}, is_signed, f"--google-credentials-file={path}")
        self.is_served(program, client)
        self.assertEqual(gateway.refused, [])
        # One token for all of it.
        self.assertEqual(list(checked.values()), [True])
        self.no_secret_in(program, client, key.read_text().splitlines()[1],
                          *checked)

    def is_of_key(self, token, public):
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(decoded(part))
                          for part in signed.split("."))
        self.assertEqual(
            header, {"alg": "RS256", "typ": "JWT", "kid": "key-1"})
        now = time.time()
        self.assertLess(abs(now - 10 - claims["iat"]), 30)
        self.assertEqual(claims, {
            "iss": "sextant@example.iam", "sub": "sextant@example.iam",
            "scope": READ, "iat": claims["iat"], "exp": claims["iat"] + 3600})
        proof = self.folder / "signature"
        proof.write_bytes(decoded(signature))
        return subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", public, "-signature",
             proof], input=signed.encode(), capture_output=True,
            check=False).returncode == 0

    def test_a_users_token_is_refreshed_and_a_project_pays(self):
        tokens = self.server(TokenServer(lambda: (
            "POST", "/token", {"Content-Type": FORM},
            "grant_type=refresh_token&refresh_token=1%2F%2Frefresh-secret&"
            "client_id=client&client_secret=client-secret")))
        path = self.file(
            type="authorized_user", client_id="client",
            client_secret="client-secret", refresh_token="1//refresh-secret",
            quota_project_id="payer", token_uri=tokens.url + "/token")
        gateway, program, client = self.google(
            {"GOOGLE_APPLICATION_CREDENTIALS": str(path)},
            lambda token: token in tokens.given)
        self.is_served(program, client)
        self.assertEqual(tokens.wrong, [])
        self.assertEqual(len(tokens.given), 1)
        self.assertEqual(gateway.refused, [])
        self.assertEqual(gateway.payers, {"payer"})
        self.no_secret_in(program, client, "refresh-secret", "client-secret",
                          "secret-token")

    def test_a_slow_token_server_costs_two_seconds_while_a_token_is_good(self):
        tokens = self.server(TokenServer(lambda: (
            "POST", "/token", {"Content-Type": FORM},
            "grant_type=refresh_token&refresh_token=r&client_id=c&"
            "client_secret=s"), lasts=12))
        path = self.file(type="authorized_user", client_id="c",
                         client_secret="s", refresh_token="r",
                         token_uri=tokens.url + "/token")
        gateway, program, client = self.google(
            {"GOOGLE_APPLICATION_CREDENTIALS": str(path)},
            lambda token: token in tokens.given)
        self.is_served(program, client)
        tokens.delay = 5

        def seconds():
            start = time.monotonic()
            self.assertEqual(client.get(ASK).status, 200)
            return time.monotonic() - start

        # Half of its time is over, and the other half is left.
        waited = []

        def asks_for_another():
            waited.append(seconds())
            return tokens.asked == 2

        program.wait_until("another token is asked for", asks_for_another)
        self.assertGreater(waited[-1], 1.9)
        self.assertLess(waited[-1], 4)
        # The next ones do not wait for the same, and nothing is lost of it.
        self.assertLess(seconds(), 1.5)
        program.wait_until("it came", lambda: seconds() < 1.5 and
                           len(tokens.given) == 2)
        self.assertEqual(tokens.asked, 2)
        self.assertEqual(gateway.refused, [])

    def test_an_external_account_impersonates_a_service_account(self):
        urn = "urn%3Aietf%3Aparams%3Aoauth%3A"
        sts = self.server(TokenServer(lambda: (
            "POST", "/v1/token", {"Content-Type": FORM},
            "audience=%2F%2Fiam.googleapis.com%2Fpool&"
            f"grant_type={urn}grant-type%3Atoken-exchange&"
            f"requested_token_type={urn}token-type%3Aaccess_token&scope="
            "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform&"
            f"subject_token={SUBJECT}&"
            f"subject_token_type={urn}token-type%3Ajwt")))
        iam = self.server(Impersonator(lambda: (
            "POST", "/sa:generateAccessToken",
            {"Authorization": f"Bearer {sts.given[-1]}",
             "Content-Type": "application/json"},
            '{"lifetime":"3600s","scope":["' + READ + '"]}')))
        subject = self.folder / "token"
        subject.write_text(SUBJECT + "\n")
        path = self.file(
            type="external_account", audience="//iam.googleapis.com/pool",
            subject_token_type="urn:ietf:params:oauth:token-type:jwt",
            token_url=sts.url + "/v1/token",
            credential_source={"file": str(subject)},
            service_account_impersonation_url=iam.url
            + "/sa:generateAccessToken")
        gateway, program, client = self.google(
            {"GOOGLE_APPLICATION_CREDENTIALS": str(path)},
            lambda token: token in iam.given)
        self.is_served(program, client)
        self.assertEqual(sts.wrong + iam.wrong, [])
        self.assertEqual((sts.asked, iam.asked), (1, 1))
        self.assertEqual(gateway.refused, [])
        self.no_secret_in(program, client, SUBJECT, "secret-token")

    def test_token_servers_that_lie_are_named_and_not_believed(self):
        tokens = self.server(TokenServer(lambda: None))
        path = self.file(
            type="authorized_user", client_id="client",
            client_secret="client-secret", refresh_token="refresh-secret",
            token_uri=tokens.url + "/token")
        tokens.fault = (400, b"{}")
        gateway, program, client = self.google(
            {"GOOGLE_APPLICATION_CREDENTIALS": str(path)}, lambda _: True)
        faults = [
            (400, b'{"error":"invalid_grant","error_description":'
                  b'"refresh-secret"}', "answers 400 (invalid_grant)"),
            (401, b'{"error":"client_secret"}', "answers 401"),
            (200, b"<html>refresh-secret</html>",
             "answers something else than a token"),
            (200, b'{"access_token":"","expires_in":3599}',
             "answers something else than a token"),
            (200, b'{"access_token":"secret-token-x","expires_in":-3599}',
             "answers a token that has ended"),
            (200, b'{"access_token":"secret-token-x"}', "expires_in"),
            (200, b"x" * 10_000_000, "cannot be asked"),
            (500, b"refresh-secret", "answers 500"),
            (302, b"", "answers 302", ("Location", gateway.url)),
        ]
        self.lies_are_named(tokens, faults, program, client, "refresh-secret",
                            "client-secret", "secret-token")
        self.assertEqual(gateway.asked, [])

    def test_a_file_that_is_wrong_ends_the_start(self):
        path = self.file(type="service_account", client_email="a@b",
                         private_key="very-secret")
        with self.assertRaises(AssertionError) as failure:
            self.google({}, lambda _: True,
                        f"--google-credentials-file={path}")
        text = str(failure.exception)
        self.assertIn(f"--google-credentials-file: {path}: private_key: no "
                      "private key (without a passphrase) in the PEM text; "
                      "download the key as JSON once more", text)
        self.assertNotIn("very-secret", text)
