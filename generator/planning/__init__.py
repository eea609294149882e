"""The planner: layouts, kernel choice, schedule and addresses. It decides; templates print."""
