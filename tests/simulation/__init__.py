"""The library's flows against the simulated services, in virtual time, from a seed.

A *schedule* is what one seed makes: services that behave one of the ways AWS leaves open,
tasks with lifecycles and durations of their own, a network that loses, delays and breaks
things, and several callers, some of which die and are started again. The flows are the
library's own; only what drives them is made here. When all is over, the simulators' own
history decides whether what the callers were told is true:

====  ==============================================================================
 a    an outcome is as the task really ended, and an inference is never `reported`
 b    `TaskEnded` is never raised for an end that this call caused
 c    `accepted` only if the service accepted a cancel of this call, and said so
 d    every call returns by its deadline plus one request
 e    requests stay within the bound that the polls set, and are counted truly
 f    nothing outside `BotocancelError` gets out
 g    two callers are never told contradicting ends of one task
 h    once a guard's cancel was accepted, the task ends
 i    every task of a batch has one result, and its error names it: none is lost
====  ==============================================================================

What the letters mean where a plain reading asks for what nobody can know:

* (a) On DataSync nothing tells a cancelled execution from a failed one. CANCELED, always
  `inferred`, has to rest on an accepted cancel of that very call, or on a CANCELLING that
  it was really answered; FAILED, also `inferred`, on a real ERROR.
* (b) It is about `TaskEnded` alone. Where reads are behind for longer than a call looks, a
  service that refuses a second cancel in other words (``InvalidRequestException``,
  ``UnsupportedOperation``) can still have these words told to the very caller whose first
  cancel was lost on the way.
* (d) "One request" is one call of botocore, with its own retries: no request of a wait
  begins after the deadline, but one that began before may end after it. An attempt of
  `cancel` with a `RetryPolicy` is the cancel and, where it is refused in doubt, the
  describe that explains it. In a batch, the first cancel of each task is always sent,
  however long it queues for a worker, and one look at many tasks may take several requests.
* (e) Delays have full jitter, so a run of tiny draws could make any number of polls. Here
  no draw is less than the schedule's `least_draw`, and the bound is the number of polls
  that fit into the timeout if every draw is that one. A poll is one cancel and one describe
  at most; a batch's look at ``n`` tasks takes ``2n - 1`` requests on FSx if unknown ids
  split it, and ``n // 4`` listings and ``n`` describes on DataSync.
* (h) A cancel that the fault IGNORED_CANCEL swallowed is no promise.

``python -m tests.simulation --schedules 200000`` runs many schedules; ``--replay SEED``
tells one of them step by step.
"""
