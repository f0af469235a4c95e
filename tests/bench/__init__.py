"""The benchmarks behind `make bench`: they measure and print, and assert nothing, for these machines are noisy."""
