"""What a business is and the tables it leaves behind: parameters, luck, SimPy worlds, tables and fits.

Nothing in this package knows of reinforcement learning. Each family (``envs_data.restock``, ...) has one folder a
case with ``parameters``, ``luck`` and ``world``, and one ``table`` and ``fit`` for the family.
"""
