"""The anonymous side, in its own database: cast, cards, receipts, published lists."""
