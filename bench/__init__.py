"""The benchmarks: each beside floors and rivals that are measured in the same run, in turn, on the same machine."""
