"""The library's flows against simulated services of every kind, in virtual time, from a seed.

A *schedule* is what one seed makes: tasks of any kinds that are known, with lifecycles and
durations of their own, services that behave one of the ways AWS leaves open (whether a cancel of
what has ended is refused, and in which words, or answered in silence), a network that loses,
delays and breaks things, and several callers, some of which die and are started again. The flows
are the library's own; only what drives them is made here. When all is over, the simulators' own
history decides whether what the callers were told is true:

====  ==============================================================================
 a    an outcome is as the task really ended, and an inference is never `reported`
 b    `TaskEnded` is never raised for an end that this call caused
 c    `accepted` only if the service accepted a cancel of this call, and said so; at work anew,
      likewise
 d    waits and listings return by their deadlines, cancels by theirs plus one request
 e    requests stay within the bound that the polls set, and are counted truly
 f    nothing outside `BotocancelError` gets out
 g    two callers are never told contradicting ends of one task
 h    once a guard's cancel was accepted, the task ends
 i    every task of a batch has one result, and its error names it: none is lost
 j    no listing is said to be empty or complete that no complete answers said, but for its gaps
 k    no state is told of one task that an answer told of another
 l    nothing is said to be not found that the same call has just heard of
 m    no cancel is sent that was not asked for, and was on disk before, in a journal
 n    no cancel is forgotten that the journal has: somebody is told how it came out
 o    what the journal says is as it was, and its receipts count, each for its own task
 p    who resumes looks at a task before cancelling it
 q    an end is put down to a cancel only if that cancel, or one of the same reason, did it
====  ==============================================================================

What the letters mean where a plain reading asks for what nobody can know:

* (a) Where no status and no flag tells a cancelled task from a failed one, as on DataSync,
  CANCELED, always `inferred`, has to rest on an accepted cancel of that very call, or on a
  CANCELLING that it was really answered; FAILED, also `inferred`, on a real ERROR.
* (b) It is about `TaskEnded` alone. Where reads are behind for longer than a call looks, a
  service that refuses a second cancel in other words (``InvalidRequestException``,
  ``UnsupportedOperation``) can still have these words told to the very caller whose first
  cancel was lost on the way.
* (c) An answer counts as such if it arrived whole, was about what was asked about, and has no
  refusal in it; that a task is, or is being, cancelled is none, whoever did it. Where an empty
  answer is the right one, a proxy's cannot be told from it: none is sent.
* (d) What is under way at the deadline of a wait is left behind, wherever it hangs; a request
  that begins less than a second before has that second, in a batch each task's first cancel
  in turn. No request of a wait begins after the deadline, but for such a cancel, which is
  always sent, and the further requests of a look at many tasks. A `cancel` with a
  `RetryPolicy` leaves nothing behind: it returns by its deadline plus one request, which is
  one call of botocore with its own retries, and an attempt is the cancel and, where it is
  refused in doubt, the describe that explains it.
* (e) Delays have full jitter, so a run of tiny draws could make any number of polls. Here
  no draw is less than the schedule's `least_draw`, and the bound is the number of polls
  that fit into the timeout if every draw is that one. A poll is one cancel and one describe
  at most; a batch's look at ``n`` tasks of one kind takes ``2n - 1`` requests if one describes
  many and unknown ids split it, else ``n`` and ``n // 4`` listings; and further pages, where an
  answer has some. A listing asks for no page again that was answered, but of statuses that recur.
* (g, h) A task that was taken up again may end once more, and otherwise, or go on.
* (h) A cancel of which nothing came is no promise: where the fault IGNORED_CANCEL swallowed it,
  or there was no task to stop, and the service accepts that.
* (j) What was listed as running is told, or is a gap, unless another answer had it ended.
* (l) "Just" is within the seconds for which the service's descriptions may be old. A task that
  a whole answer spoke of is not missing before it was missing for so long. Where a service
  describes all that there is, and each cancel is looked into alone, what that tells of other
  tasks does not count.

Letters m to p are about callers that keep a journal, which they share. Such a caller dies before
a request leaves, while it is under way, before its answer is read, or before or in the middle of
an entry; its machine may die with it, and what no `fsync` has waited for is lost up to any byte.
Others resume from the journal, maybe while some still live, and may die too. When all are
over, one more resumes and lives:

* (m) What a process only may have written can be read by another, and yet be lost.
* (n) An entry "refused" has to be what a caller was told, or was to be told the next moment.

``python -m tests.simulation --schedules 200000`` runs many schedules; ``--replay SEED``
tells one of them step by step. ``--journal`` takes the schedules with a journal.
"""
