"""Names of the columns in which the twin of a customer's lifetime keeps its numbers."""

# Hours in a day: the clock of both engines counts hours, customers and parcels count days.
DAY = 24.0

# Columns of `Shop.whole`.
DAYS, START, LEVELS, SHIFT_DAY, PERIOD, KNOWN_AFTER, RETURN_DAYS, REVEALED, DRIFT, BORES, SOLD_OUT, GOAL = range(12)

# Columns of `State.counts`, and how many there are.
VISIT, CLICKS, PURCHASES, SENT_BACK, SATISFACTION, PLACE, PARCELS, BOUGHT, SEGMENT, DATE, COUNTS = range(11)

# Columns of `State.time`.
NOW, PREVIOUS, EARNED = range(3)

# Rows of the results: the reward, two terms, then the figures.
REWARD, SALES, REFUNDS, VISITS, CLICKED, PURCHASED, MINUTES, ELAPSED, EMPTY, CHURNED, CAPPED = range(11)
