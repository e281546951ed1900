"""Tables of one item, read and generated, under the names users import."""

from envs_data.restock.item.table import generate
from envs_data.restock.reading import CONTRACT, read_table

__all__ = ["CONTRACT", "generate", "read_table"]
