"""Runs the tests of a folder, and counts them."""

import unittest

from support import figures


class _Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):  # pylint: disable=invalid-name
        super().addSuccess(test)
        self.passed += 1


def run(folder, patterns, verbose):
    """Runs test_*.py of a folder; a pattern selects tests whose name contains it.

    Prints figures and, last, "N passed, N failed".  True if nothing failed.
    """
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{p}*" for p in patterns]
    suite = loader.discover(str(folder), "test_*.py", str(folder))
    result = unittest.TextTestRunner(
        verbosity=2 if verbose else 1, resultclass=_Result).run(suite)
    # A test may fail in several of its subtests.
    failed = {getattr(test, "test_case", test).id()
              for test, _ in result.failures + result.errors}
    figures.show()
    print(f"{result.passed} passed, {len(failed)} failed", flush=True)
    return result.wasSuccessful()
