"""What headers ask for."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import NotAcceptable, RangeNotSatisfiable
from buildbot.www.negotiate import byteRange, encodings, forBrowser, matches
from buildbot.www.wire import disposition, head, linkTarget

KNOWN = ["zstd", "br", "gzip"]


class EncodingTests(SynchronousTestCase):
    def test_best(self) -> None:
        """q-values decide, then our own order; unencoded comes last unless a client says otherwise."""
        for header, best in (
            (None, ["identity"]),
            ("", ["identity"]),
            ("gzip", ["gzip", "identity"]),
            ("gzip, br, zstd", ["zstd", "br", "gzip", "identity"]),
            ("br;q=0.5, gzip;q=0.8", ["gzip", "br", "identity"]),
            ("br;q=1.0, gzip", ["br", "gzip", "identity"]),
            ("gzip;q=0", ["identity"]),
            ("GZIP;Q=0.1", ["gzip", "identity"]),
            ("x-gzip", ["gzip", "identity"]),
            ("*", ["zstd", "br", "gzip", "identity"]),
            ("*;q=0, gzip", ["gzip"]),
            ("identity, gzip;q=0.5", ["identity", "gzip"]),
            ("identity;q=0.5, gzip;q=0.5", ["gzip", "identity"]),
            ("deflate, compress", ["identity"]),
            ("gzip;q=nan", ["identity"]),
            ("gzip;q=1e9", ["identity"]),
            ("gzip;q=", ["identity"]),
            (";;,,gzip;level=9", ["gzip", "identity"]),
        ):
            self.assertEqual((header, list(encodings(header, KNOWN))), (header, best))

    def test_none(self) -> None:
        """If nothing is left, the error lists what there is."""
        for header in ("*;q=0", "identity;q=0", "deflate, identity;q=0"):
            error = self.assertRaises(NotAcceptable, encodings, header, KNOWN)
            self.assertIn("gzip", str(error))

    def test_browser(self) -> None:
        """A browser's address bar names text/html first; scripts do not."""
        self.assertTrue(forBrowser("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"))
        for accept in (None, "*/*", "application/json", "application/json, text/html"):
            self.assertFalse(forBrowser(accept))


class TagTests(SynchronousTestCase):
    def test_matches(self) -> None:
        """Weak and strong tags compare equal; a list holds any; ``*`` is all."""
        for header in ('"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', " * "):
            self.assertTrue(matches(header, '"a"'))
        for header in ('"b"', "a", "", '"a', '"*"', '"a-gzip"'):
            self.assertFalse(matches(header, '"a"'))


class RangeTests(SynchronousTestCase):
    def test_parts(self) -> None:
        """Both ends count; a part may be open, or counted from the end."""
        for header, part in (
            ("bytes=0-0", (0, 0)),
            ("bytes=2-", (2, 9)),
            ("bytes=2-99", (2, 9)),
            ("bytes=-3", (7, 9)),
            ("bytes=-99", (0, 9)),
            ("Bytes = 1 - 2", (1, 2)),
        ):
            self.assertEqual((header, byteRange(header, 10)), (header, part))

    def test_everything(self) -> None:
        """Several parts, other units and nonsense are answered with everything."""
        for header in (None, "", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=5-2", "bytes=a-b"):
            self.assertIsNone(byteRange(header, 10))

    def test_beyond(self) -> None:
        """A part that begins after the end is an error."""
        for header, length in (("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)):
            self.assertRaises(RangeNotSatisfiable, byteRange, header, length)


class HeadTests(SynchronousTestCase):
    def test_disposition(self) -> None:
        """A name is quoted, and cannot leave its quotes, its line or its folder."""
        self.assertEqual(disposition("a b"), "attachment; filename=\"a b\"; filename*=UTF-8''a%20b")
        for name in ('a"; x="', "a\r\nSet-Cookie: x", "../../etc", "größe.txt", "a%22b", "\0"):
            value = disposition(name)
            self.assertRegex(value, r"^attachment; filename=\"[ -~]*\"; filename\*=UTF-8''[A-Za-z0-9._~%-]*$")
            self.assertEqual(value.count('"'), 2)
            self.assertNotIn("/", value)

    def test_lineBreaks(self) -> None:
        """No value of a header can begin another."""
        for value in ("a\r\nb: c", "a\nb", "a\0"):
            self.assertRaises(ValueError, head, 200, [("X", value)])

    def test_link(self) -> None:
        """The target of a link stays between its brackets."""
        self.assertEqual(linkTarget('builders/a%2Fb/builds?x=<>"'), "builders/a%2Fb/builds?x=%3C%3E%22")
