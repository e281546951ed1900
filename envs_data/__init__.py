"""Businesses and the tables they leave behind: parameters, luck, SimPy worlds, tables and fits.

Nothing in this package knows of reinforcement learning. Each family (``envs_data.restock``, ...) has a folder for each
case with ``parameters``, ``luck``, ``world``, ``table`` and ``fit``, and shares its contracts and estimators.
"""
