"""What the library relies on of botocore that botocore promises to nobody.

botocore documents its sessions, clients, configuration, requests, answers and exceptions. All else
that is used here is in `INTERNALS`: its name, who uses it and what for. Each row has the digests of
the forms that were looked at; `tests/test_botocore_internals.py` compares what is installed.
"""

from __future__ import annotations

import hashlib
import inspect
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DOCUMENTED", "INTERNALS", "Internal"]

DOCUMENTED: Final = frozenset({"awsrequest", "client", "config", "exceptions", "session"})
"""The modules of botocore that its documentation has."""


def source_of(thing: Any) -> object:  # noqa: ANN401  (anything of botocore)
    """Return the source of a class or a function, without its white space."""
    return "".join(inspect.getsource(thing).split())


def handlers_of_all(specs: list[tuple[Any, ...]]) -> object:
    """Return botocore's handlers of events that are not of one service, and their form."""
    return [
        (event, handler.__name__, len(place))
        for event, handler, *place in specs
        if event.partition(".")[2].partition(".")[0] in {"", "*"}
        and handler.__module__.startswith("botocore.")  # not of a simulation, such as moto's
    ]


def lengths(table: dict[str, tuple[object, ...]]) -> object:
    """Return how many parts the entries of a table have."""
    return sorted({len(entry) for entry in table.values()})


def mentions(text: str) -> Callable[[Any], object]:
    """Return what says whether the source of something has a text, whatever else it has."""
    return lambda thing: text in str(source_of(thing))


class Internal(NamedTuple):
    """Something of botocore that may change without notice."""

    name: str
    """Module and name, as `pkgutil.resolve_name` takes them."""
    used_by: str
    """Modules of botocancel."""
    purpose: str
    digests: str
    """Of each form that was looked at, ``-`` for none: a botocore that has it not."""
    seen: Callable[[Any], object] = source_of
    """What is relied on of it."""

    def digest(self) -> str:
        """Return what tells the installed form from others; ``-`` if there is none."""
        try:
            thing = resolve_name(self.name)
        except (ImportError, AttributeError):
            return "-"
        return hashlib.sha256(str(self.seen(thing)).encode()).hexdigest()[:10]


INTERNALS: Final = (
    # --- the session for a program that brings none
    Internal(
        "botocore.handlers:BUILTIN_HANDLERS",
        "_session testing._network",
        "handlers of services that are never called are left out; of a simulation, taken out",
        "0e9c58b6c1 91e7550217",
        handlers_of_all,
    ),
    Internal(
        "botocore.handlers:REGISTER_FIRST",
        "_session",
        "a handler's place in the order",
        "453b8284d9",
        type,
    ),
    Internal(
        "botocore.handlers:REGISTER_LAST",
        "_session",
        "a handler's place in the order",
        "453b8284d9",
        type,
    ),
    Internal(
        "botocore.session:Session._register_builtin_handlers",
        "_session",
        "the left-out handlers are registered in the same way",
        "452273b671",
    ),
    Internal(
        "botocore.session:Session._register_event_emitter",
        "_session",
        "a component of the session, on which handlers with a place are registered",
        "bfd16314e4",
    ),
    Internal(
        "botocore.session:Session._register_data_loader",
        "_session",
        "a component of the session: ours is put in its place",
        "50d1932092",
    ),
    Internal(
        "botocore.session:Session._register_response_parser_factory",
        "_session",
        "a component of the session: timestamps are read in a shorter way",
        "c8e78cf2db",
    ),
    Internal(
        "botocore.session:Session._register_user_agent_creator",
        "_session",
        "a component of the session: ours is put in its place",
        "51cc825141",
    ),
    Internal(
        "botocore.session:Session.SESSION_VARIABLES",
        "testing._network",
        "a session of its own gets the default of each variable, the third part",
        "46b1884167",
        lengths,
    ),
    Internal(
        "botocore.parsers:ResponseParserFactory",
        "_session",
        "passes the reader of timestamps on to parsers",
        "a5ab090591",
    ),
    Internal(
        "botocore.utils:parse_timestamp",
        "_session",
        "reads timestamps that are no numbers",
        "46622977a1 4df15be4d8",
    ),
    Internal(
        "botocore.client:ClientCreator._load_service_model",
        "_session",
        "after the event 'choose-service-name', at which the left-out handlers come in",
        "ceb558fe00",
    ),
    # --- cut-down data
    Internal(
        "botocore.loaders:Loader",
        "_loader testing._models testing._stand_in",
        "base class: what is not cut down is read as before; the user's own data have a say",
        "f7b7cea358 0d77a04202",
    ),
    Internal("botocore.loaders:create_loader", "_session", "the loader of a session", "1a4fe7cdb3"),
    Internal(
        "botocore.loaders:JSONFileLoader",
        "_loader",
        "how the files are named",
        "d66dd3416e",
    ),
    Internal(
        "botocore.session:Session._register_endpoint_resolver",
        "_loader",
        "the one reader of 'endpoints'; its path tells whether they are botocore's own",
        "c88967b4ac",
    ),
    Internal(
        "botocore.regions:EndpointResolver",
        "_loader testing._models",
        "what is read of endpoints.json: it is made from partitions.json",
        "ef12798ff4 cdc93761f2",
    ),
    Internal(
        "botocore.client:ClientEndpointBridge",
        "_loader",
        "what a client takes from there: partition, signing, the host that proxies go by",
        "b0fc37d9a5 43f1aae68f",
    ),
    Internal(
        "botocore.client:ClientCreator._load_service_endpoints_ruleset",
        "_loader",
        "the rules that say which host is called",
        "44eb2db456",
    ),
    Internal(
        "botocore.regions:EndpointRulesetResolver._get_provider_params",
        "_loader",
        "parameters of the rules that are not botocore's come from the model",
        "32fff366be 9f1e2f22fd",
    ),
    # --- what a keeper is handed
    Internal(
        "botocore.client:BaseClient.__init__",
        "_handing",
        "the credentials of a ready client: who signs for it",
        "3cbc87c768",
        mentions("self._request_signer="),
    ),
    Internal(
        "botocore.signers:RequestSigner.__init__",
        "_handing",
        "the credentials of a ready client: what it signs with",
        "3cbc87c768",
        mentions("self._credentials="),
    ),
    Internal(
        "boto3.session:Session.__init__",
        "_handing _fleet_aws",
        "the session of botocore in one of boto3",
        "3cbc87c768",
        mentions("self._session="),
    ),
    # --- one client for all accounts of a fleet
    Internal(
        "botocore.session:Session.create_client",
        "_fleet_aws",
        "a copy of the session gives clients other credentials",
        "3cbc87c768",
        mentions("credentials=self.get_credentials("),
    ),
    Internal(
        "botocore.credentials:Credentials.get_frozen_credentials",
        "_fleet_aws",
        "is overridden: signs with the credentials of the account that the call is about",
        "3cbc87c768",
        mentions("returnReadOnlyCredentials("),
    ),
    Internal(
        "botocore.credentials:DeferredRefreshableCredentials.__init__",
        "_fleet_aws",
        "assumes a role when it is first needed, and again before its credentials expire",
        "3cbc87c768",
        mentions("(self,refresh_using,method,time_fetcher="),
    ),
    # --- the user agent
    Internal(
        "botocore.useragent:UserAgentString",
        "_user_agent",
        "base class, kept text",
        "f766e534f7 068c3a8b46 31409c171b",
    ),
    Internal(
        "botocore.context:get_context",
        "_user_agent",
        "the features in use in a call",
        "- 5970a5d61e",
    ),
    # --- whose fault it is: modules are told by the frames that an exception came through
    Internal(
        "botocore.signers:RequestSigner.sign",
        "_unsent",
        "asks for credentials, then signs",
        "64516ed599 b261bb1fd4",
    ),
    Internal(
        "botocore.signers:RequestSigner.get_auth_instance",
        "_unsent _fleet_aws",
        "calls botocore.credentials and botocore.tokens, and nothing else of others",
        "5b566f2fd6 1d6de57de5",
    ),
    Internal(
        "botocore.auth:SigV4Auth.add_auth", "_unsent", "makes signatures", "350d8ce8c2 32b21f8446"
    ),
    Internal(
        "botocore.hooks:HierarchicalEmitter._emit",
        "_unsent",
        "calls the caller's own handlers",
        "e2a6f1cc34",
    ),
    Internal(
        "botocore.credentials:RefreshableCredentials.get_frozen_credentials",
        "_unsent",
        "credentials are had in this module, renewed ones too",
        "8c6d8f4e8f",
    ),
    Internal(
        "botocore.tokens:SSOTokenProvider.load_token",
        "_unsent",
        "tokens are had in this module",
        "f2f9acaf77 9df4fb13ac",
    ),
    Internal(
        "botocore.parsers:ResponseParser.parse", "_translation", "reads answers", "5f27fb4fae"
    ),
    Internal(
        "botocore.endpoint:Endpoint._get_response",
        "_translation",
        "emits 'response-received' for each attempt, with the answer, parsed and not, or the error",
        "f7a33e6b66",
    ),
    Internal(
        "botocore.endpoint:Endpoint._do_get_response",
        "testing._network",
        "emits 'before-send', whose answer takes the place of the network's",
        "75b95d4d72 082e1877eb",
    ),
    # --- the simulated AWS
    Internal(
        "botocore.endpoint:Endpoint._needs_retry",
        "testing._stand_in",
        "sleeps by botocore.endpoint.time, which is put on the simulated clock",
        "9c04838c54 045dc6ab84",
    ),
    Internal(
        "botocore.httpsession:URLLib3Session.send",
        "testing._stand_in",
        "the network of every client: what no handler answers comes here",
        "37e594d73b 31cc8e80f7 fd6b061b86",
    ),
    Internal(
        "botocore.credentials:RefreshableCredentials",
        "_handing testing._credentials",
        "credentials that expire, and when",
        "0b20de475a bb200d9828 e97ef48bb5",
    ),
    Internal(
        "botocore.validate:ParamValidator",
        "testing._rules",
        "judges all that is said",
        "4f35f967b5 162be4beab",
    ),
    Internal(
        "botocore.model:ServiceModel",
        "_setup testing._models",
        "protocols, and the models of services",
        "8755f659c2 7d8f339d92",
    ),
    Internal("botocore.model:StructureShape", "testing._models", "their structures", "287cda1d9a"),
    Internal("botocore.model:ListShape", "testing._rules", "their lists", "dfea0ef9d1"),
    Internal("botocore.model:MapShape", "testing._rules", "their maps", "9bf52c53e7"),
)
