"""What can be arranged in a world by a call of the control plane, or by a seed: shapes, checks, and verbs."""
