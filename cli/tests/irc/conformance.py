#!/usr/bin/env python3
"""A conformance suite made by others, irctest, run against a server built here.

Each of its tests gets a server of its own with an empty directory. What it asks for and is not so here stands in EXPECTED
with the reason; a test that fails and is not listed there fails this run, and so does one that is listed and passes.

    conformance.py PATH-TO-CAUSERIE [--show] [PART-OF-A-TEST'S-NAME ...]

irctest 0.1.2 comes from PyPI, as its authors packed it, and is run where it is unpacked: it is no dependency of anything.
"""

import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import types
import unittest
import urllib.request

ADDRESS = (
    "https://files.pythonhosted.org/packages/9d/83/"
    "d42dc6490c06ca31a20b443633e71833bcc86f909999ef1bd213231f21d1/irctest-0.1.2.tar.gz"
)
SHA256 = "bc37d4e9e0ad926be039431d029e23b1d93813d75df8ed49be144a639c8dfd37"
PATIENCE_S = 20

OF_THE_SUITE = "a mistake of this version of the suite: "
EXPECTED = {
    "test_channel_operations.JoinTestCase.testInviteNonExistingChannelEchoed": OF_THE_SUITE
    + "it says INVITE with room and name the wrong way round",
    "test_channel_operations.JoinTestCase.testInviteNonExistingChannelTransmitted": OF_THE_SUITE
    + "it says INVITE with room and name the wrong way round",
    "test_channel_operations.JoinTestCase.testTopicMode": OF_THE_SUITE + "it takes the answer to its MODE for a TOPIC",
    "test_channel_operations.JoinTestCase.testJoinAllMessages": "whoever enters a room without a topic is told of none: "
    "the suite's later versions want that",
    "test_account_tag.AccountTagTestCase.testMonitor": "a 730 is the server's, not theirs whom it names: it has no account",
    "test_account_tag.AccountTagTestCase.testPrivmsg": "an account is called as its holder was when they first came, and by "
    "that entry's number: nothing is registered, so the name SASL gives can be several people's",
    "test_extended_join.MetadataTestCase.testNotLoggedIn": "the account is called otherwise, as above, and a JOIN is written "
    "from the log's entry alone, which has no real name",
    "test_sasl.SaslTestCase.testMechanismNotAvailable": "the mechanisms there are (908) come before the failure (904), as "
    "SASL 3.2 has it; the suite's later versions skip them",
}


def fetched():
    """The suite's folder: what was published, if it is what it was."""
    with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
        packed = answer.read()
    found = hashlib.sha256(packed).hexdigest()
    if found != SHA256:
        sys.exit(f"FAIL: {ADDRESS} has the digest {found}, not {SHA256}")
    into = tempfile.mkdtemp(prefix="causerie-irctest-")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into)
    return into, os.path.join(into, "irctest-0.1.2")


def stand_in():
    """What the suite imports from others and needs little of: two functions on strings, and a look at sockets that our
    controller has its own way for."""

    class MultipleReplacer:
        def __init__(self, what):
            self.what = what

        def __call__(self, text):
            read, i = "", 0
            while i < len(text):
                pair = text[i : i + 2]
                read += self.what.get(pair, text[i])
                i += 2 if pair in self.what else 1
            return read

    strings = types.SimpleNamespace(
        MultipleReplacer=MultipleReplacer, normalizeWhitespace=lambda text, removeNewline=True: text
    )
    bot, utils = types.ModuleType("supybot"), types.ModuleType("supybot.utils")
    bot.utils, utils.str = utils, strings
    sys.modules.update({"supybot": bot, "supybot.utils": utils, "psutil": types.ModuleType("psutil")})


def controller_for(program):
    """How the suite starts and stops a server of ours."""
    from irctest.basecontrollers import BaseServerController, DirectoryBasedController, NotImplementedByController

    class Causerie(BaseServerController, DirectoryBasedController):
        software_name = "causerie"
        supported_sasl_mechanisms = {"PLAIN"}

        def run(self, hostname, port, password=None, ssl=False, valid_metadata_keys=None, invalid_metadata_keys=None):
            if ssl:
                raise NotImplementedByController("TLS")
            if valid_metadata_keys or invalid_metadata_keys:
                raise NotImplementedByController("METADATA")
            self.create_config()
            self.port = port
            command = [program, "server", "--quiet", "--no-limits", "--data", self.directory]
            command += ["--listen", f"127.0.0.1:{port}"] + (["--password", password] if password else [])
            self.proc = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def wait_for_port(self):
            until = time.monotonic() + PATIENCE_S
            while not self.port_open:
                try:
                    socket.create_connection(("127.0.0.1", self.port), 1).close()
                    self.port_open = True
                except OSError:
                    if time.monotonic() > until:
                        sys.exit(f"FAIL: no server listened within {PATIENCE_S} s")
                    time.sleep(0.02)

        def registerUser(self, case, username, password=None):
            """Nothing is registered: name and password are enough."""

    return Causerie


class Told(unittest.TestResult):
    """What came of each test."""

    def __init__(self):
        super().__init__()
        self.came = {}

    def add(self, test, outcome, why=""):
        self.came[test.id().split("server_tests.")[-1]] = (outcome, why.strip())

    def addSuccess(self, test):
        self.add(test, "passed")

    def addSkip(self, test, reason):
        self.add(test, "skipped", reason)

    def addFailure(self, test, err):
        self.add(test, "failed", str(err[1]))

    def addError(self, test, err):
        self.add(test, "failed", f"{err[0].__name__}: {err[1]}")


def named(suite, parts):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from named(test, parts)
        elif not parts or any(part in test.id() for part in parts):
            yield test


def main():
    program, *rest = sys.argv[1:]
    parts = [word for word in rest if not word.startswith("--")]
    into, folder = fetched()
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    stand_in()
    from irctest.cases import _IrcTestCase
    from irctest.specifications import Specifications
    import irctest.server_tests

    _IrcTestCase.controllerClass = controller_for(os.path.abspath(program))
    _IrcTestCase.controllerClass.openssl_bin = "openssl"
    _IrcTestCase.show_io = "--show" in rest
    _IrcTestCase.strictTests = True
    _IrcTestCase.testedSpecifications = frozenset(Specifications)
    told = Told()
    unittest.TestSuite(named(irctest.server_tests.discover(), parts)).run(told)
    shutil.rmtree(into)

    count = {"passed": 0, "skipped": 0, "failed": 0}
    wrong = []
    for name, (outcome, why) in sorted(told.came.items()):
        count[outcome] += 1
        expected = EXPECTED.get(name)
        if outcome == "failed" and not expected:
            wrong.append(f"{name} failed: {why}")
        elif outcome != "failed" and expected:
            wrong.append(f"{name} {outcome}, and is listed as failing: {expected}")
        elif outcome == "failed":
            print(f"  as expected, {name} fails: {expected}")
        elif outcome == "skipped":
            print(f"  {name} is left out: {why}")
    wrong += [f"{name} is listed, and there is no such test" for name in EXPECTED if not parts and name not in told.came]
    print(f"irctest: {count['passed']} passed, {count['failed']} failed, {count['skipped']} left out")
    sys.exit("FAIL:\n" + "\n".join(f"  {line}" for line in wrong) if wrong else 0)


if __name__ == "__main__":
    main()
