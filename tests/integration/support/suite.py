"""Runs the tests of a folder, and counts them."""

import unittest

from support import figures


def run(folder, patterns, verbose):
    """Runs test_*.py of a folder; a pattern selects tests whose name contains it.

    Prints figures and, last, "N passed, N failed".  True if nothing failed.
    """
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{p}*" for p in patterns]
    suite = loader.discover(str(folder), "test_*.py", str(folder))
    result = unittest.TextTestRunner(verbosity=2 if verbose else 1).run(suite)
    # A test may fail in several of its subtests; what fails around the tests of
    # a class is not one of them.
    failed = {getattr(test, "test_case", test).id()
              for test, _ in result.failures + result.errors}
    around = {name for name in failed
              if name.startswith(("setUpClass", "tearDownClass"))}
    passed = result.testsRun - len(failed - around)
    figures.show()
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    return result.wasSuccessful()
