"""kazoo's tests import `mock`, which Python has had as unittest.mock for long."""
import sys
import unittest.mock

sys.modules[__name__] = unittest.mock
