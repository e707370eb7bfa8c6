"""What botocancel costs beside its peers: ``python -m benchmarks``, see docs/performance.md."""
