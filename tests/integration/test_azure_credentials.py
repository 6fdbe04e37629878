"""A backend that wants tokens of Azure, and the servers that give them."""

from support.clouds import ASK, FORM, CloudTestCase, TokenServer
from support.gateways import Azure

SUBJECT = "header.subject-token.signature"
SCOPE = "scope=https%3A%2F%2Fprometheus.monitor.azure.com%2F.default"


class GuardedAzure(Azure):
    """Lets in who has a token that was given."""

    def __init__(self, backend_url, tokens):
        self._tokens = tokens
        super().__init__(backend_url)

    def lets_in(self, request):
        scheme, _, token = request.headers.get(
            "Authorization", "").partition(" ")
        return scheme == "Bearer" and token in self._tokens.given


class AzureTest(CloudTestCase):
    def azure(self, tokens, environment):
        gateway = self.server(GuardedAzure(self.backend.url, tokens))
        program, client = self.start(
            gateway.url, {"AZURE_AUTHORITY_HOST": tokens.url + "/",
                          "AZURE_TENANT_ID": "tenant-1",
                          "AZURE_CLIENT_ID": "client-1", **environment},
            "--backend=azure", "--backend-auth=azure")
        return gateway, program, client

    @staticmethod
    def asking(proof):
        return lambda: ("POST", "/tenant-1/oauth2/v2.0/token",
                        {"Content-Type": FORM},
                        "grant_type=client_credentials&client_id=client-1&"
                        f"{proof}&{SCOPE}")

    def test_workload_identity_gives_tokens_and_more_when_they_end(self):
        file = self.folder / "token"
        file.write_text(SUBJECT + "\n")
        tokens = self.server(TokenServer(self.asking(
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
            f"assertion-type%3Ajwt-bearer&client_assertion={SUBJECT}"),
            lasts="2"))
        gateway, program, client = self.azure(
            tokens, {"AZURE_FEDERATED_TOKEN_FILE": str(file)})
        self.is_served(program, client)
        program.wait_until("a token was renewed", lambda: client.get(ASK).status
                           == 200 and len(tokens.given) > 2)
        self.assertEqual(tokens.wrong, [])
        self.assertEqual(gateway.refused, [])
        self.no_secret_in(program, client, SUBJECT, "secret-token")

    def test_an_application_has_a_secret(self):
        tokens = self.server(TokenServer(
            self.asking("client_secret=very~secret%26")))
        gateway, program, client = self.azure(
            tokens, {"AZURE_CLIENT_SECRET": "very~secret&"})
        self.is_served(program, client)
        self.assertEqual(tokens.wrong, [])
        self.assertEqual(len(tokens.given), 1)
        self.assertEqual(gateway.refused, [])
        self.no_secret_in(program, client, "very~secret", "secret-token")

    def test_token_servers_that_lie_are_named_and_not_believed(self):
        tokens = self.server(TokenServer(lambda: None))
        tokens.fault = (400, b"{}")
        gateway, program, client = self.azure(
            tokens, {"AZURE_CLIENT_SECRET": "verysecret"})
        faults = [
            # Of what Entra says, its code alone.
            (400, b'{"error":"invalid_client","error_codes":[7000215],'
                  b'"error_description":"verysecret"}',
             "answers 400 (AADSTS7000215)"),
            (401, b'{"error":"verysecret"}', "answers 401"),
            (200, b"<html>verysecret</html>",
             "answers something else than a token"),
            (200, b'{"access_token":["secret-token-x"],"expires_in":"3599"}',
             "answers something else than a token"),
            (200, b'{"access_token":"secret-token-x","token_type":"pop",'
                  b'"expires_in":"3599"}', "a token that is no bearer token"),
            (200, b'{"access_token":"secret-token-x","expires_in":"-1"}',
             "answers a token that has ended"),
            (200, b'{"access_token":"secret-token-x","expires_in":"soon"}',
             "expires_in"),
            (200, b"x" * 10_000_000, "cannot be asked"),
            (500, b"verysecret", "answers 500"),
            (302, b"", "answers 302", ("Location", gateway.url)),
        ]
        self.lies_are_named(tokens, faults, program, client, "verysecret",
                            "secret-token")
        self.assertEqual(gateway.asked, [])
