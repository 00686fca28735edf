"""TLS, for Perspective Broker and for HTTP."""

from __future__ import annotations

import datetime
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from buildbot.errors import Disconnected
from buildbot.test.status.languages import LanguagesCase

DAY = datetime.timedelta(days=1)


def certificate(host: x509.GeneralName) -> tuple[bytes, bytes]:
    """A key and a certificate for it, signed by itself, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "status")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, plain, serialization.NoEncryption()), made.public_bytes(pem)


class TlsTest(LanguagesCase):
    def certified(self, host: x509.GeneralName) -> tuple[str, str]:
        """An endpoint that shows a certificate for a host, and the certificate's file."""
        files = []
        for data in certificate(host):
            path = self.mktemp()
            with open(path, "wb") as file:
                file.write(data)
            files.append(path)
        return f"ssl:0:interface=127.0.0.1:privateKey={files[0]}:certKey={files[1]}", files[1]

    async def test_trusted(self) -> None:
        """Any endpoint string serves, and a server whose certificate is trusted answers as any other."""
        endpoint, file = self.certified(x509.IPAddress(IPv4Address("127.0.0.1")))
        server = await self.servePB(endpoint)
        await self.serveHTTP(endpoint)
        here = await self.service.get("builds", expand="steps.logs", property="*")
        for url in (f"pbs://ada:p%2Fw%20d@127.0.0.1:{self.pbPort}", f"https://127.0.0.1:{self.httpPort}"):
            connection = self.connect(url, caFile=file)
            self.assertEqual(await connection.get("builds", expand="steps.logs", property="*"), here)
            await connection.close()
        await server.stopService()

    async def test_unknown(self) -> None:
        """A certificate that nobody trusts, or that is for another host, is Disconnected before anything was said."""
        endpoint, _ = self.certified(x509.IPAddress(IPv4Address("127.0.0.1")))
        _, another = self.certified(x509.IPAddress(IPv4Address("127.0.0.1")))
        elsewhere, theirs = self.certified(x509.DNSName("elsewhere.example.org"))
        for serving, trusted in ((endpoint, another), (elsewhere, theirs), (endpoint, None)):
            await self.servePB(serving)
            await self.serveHTTP(serving)
            for url in (f"pbs://ada:p%2Fw%20d@127.0.0.1:{self.pbPort}", f"https://127.0.0.1:{self.httpPort}"):
                error = await self.failing(self.connect(url, caFile=trusted).get("masters"))
                self.assertIsInstance(error, Disconnected)
                self.assertRegex(str(error), "(?i)certificate|verif")

    async def test_plain(self) -> None:
        """TLS to a port that speaks none is Disconnected."""
        await self.servePB()
        error = await self.failing(self.connect(f"pbs://ada:x@127.0.0.1:{self.pbPort}").get("masters"))
        self.assertIsInstance(error, Disconnected)
