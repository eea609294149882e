"""MLPerf Tiny's networks beside the figures published of them."""
