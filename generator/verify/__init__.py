"""The verifier: walks a plan as the firmware will run it, before any C is printed.

It shares nothing with the planner's reasoning. Of the planner it knows the values alone (steps,
views, calls, addresses); what a byte has to hold it learns from the graph.
"""
