"""The shared kernel: worlds, time, transactions, machines. It knows no vendor."""
