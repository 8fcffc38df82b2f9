"""Rectification: from a final rating to an order with legal limits, its plan, inspection and closure.

Rooms of operations, each one stage of an order's life (all take `session, actor, subject, *, values, at`):

    proposing    propose, edit_proposal, submit, hand_back, refuse, issue
    serving      acknowledge, record_service, deem_served
    planning     submit_plan, approve_plan, return_plan
    rectifying   add_progress, report_problem, submit_report, resume, send_message, resources, notes
    evidence     hand_in, replace
    inspecting   inspect
    extending    request_extension, answer_extension
    escalating   propose_due, decide
    closing      begin_re_evaluation, conclude, close_by_decision, fall_short, withdraw, reopen, hand_over
    recomputing  recompute (a new official calendar moves open dates, only ever later)
"""
