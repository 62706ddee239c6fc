"""Archive the sources that an investigation cites, and prove what was archived.

::

    draft --cite--> Citation --capture--> Capture --seal--> Sealed --record--> Recorded --verify--> Report

    model/     frozen values               formats/  bytes <-> values, pure
    proof/     merkle signature timestamp  store/    the only writer of evidence
    cite/      draft -> citations          capture/  target -> attempt
    seal/      capture -> sealed           record/   sealed -> recorded
    verify/    evidence + trust -> report  export/   evidence -> what others are handed
    app/       use cases                   cli/      speaks to people
"""

__version__ = "0.1.0"
