"""Six SimPy models, each as a script (``originals``) and as a use case; docs/your-model.md shows what changed."""
