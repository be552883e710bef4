"""What the sources leave open or contradict about accounts and logins, and what localsign does by default."""

from localsign.core.switches import Switch

CREATED_USER = Switch(
    "signing-today.created-user",
    "array",
    ("string",),
    "SEED shows an array with one UUID, OAS a bare string.",
    "What POST /users answers: an array with the id, or the id as a string, which typed clients expect.",
)
CHALLENGE = Switch(
    "signing-today.challenge",
    "hex",
    ("uuid",),
    "OAS: 32 hexadecimal digits in the example of the GET, a UUID in the POST.",
    "How the challenge for a device is written. The POST takes both.",
)
OAUTH_CLIENT = Switch(
    "signing-today.oauth-client",
    "any",
    ("registered",),
    "not documented; clients come with a pair of their own.",
    "Whether a login takes any id and secret in HTTP Basic, or only those of the workspace.",
)
TOKEN_REUSE = Switch(
    "signing-today.token-reuse",
    "same",
    ("new",),
    "inferred from the documented 30623 s, the rest of a longer life, and from Spring Security's default.",
    "Whether a second login gives the same token while it lives, or one of its own.",
)
REFRESH = Switch(
    "signing-today.refresh",
    "supported",
    ("refused",),
    "a refresh token is handed out (SEED), but refresh_token is not among the grants (OAS).",
    "Whether /oauth/token takes the grant refresh_token.",
)
USER_UPDATE = Switch(
    "signing-today.user-update",
    "replace",
    ("merge",),
    "OAS calls the body of PUT /user/{id} the user that replaces the current one.",
    "What members do that the body lacks: name, surname, email, phone and extraData are emptied, or stay.",
)
SYNC_ABSENT = Switch(
    "signing-today.sync-absent",
    "disable",
    ("keep",),
    "inferred: the report of a sync counts the deleted.",
    "What happens to synced accounts that the next sync does not list.",
)
USER_DELETE = Switch(
    "signing-today.user-delete",
    "disable",
    ("toggle",),
    "OAS: it enables or disables, by `enabled`, which is false by default; the sample call of SEED lacks it.",
    "What DELETE /user/{id} does without `enabled`: it disables, or it turns the account into the other state.",
)
SAML_REPLY = Switch(
    "signing-today.saml-reply",
    "json",
    ("xml",),
    "OAS calls IDToken1 the SAML reply in JSON; its sample begins as a SAML 2.0 response in XML.",
    "What the decoded IDToken1 is: an object of JSON, or a SAML 2.0 response in XML, whose attributes have its names.",
)
AUTOMATIC = Switch(
    "signing-today.automatic",
    "signs",
    ("waits",),
    "V1: an account with `automatic` is an automatic signer, whose signatures follow another procedure.",
    "Whether such an account signs by itself as soon as it is its turn, or waits as everybody does.",
)

SWITCHES = (
    CREATED_USER,
    CHALLENGE,
    OAUTH_CLIENT,
    TOKEN_REUSE,
    REFRESH,
    USER_UPDATE,
    SYNC_ABSENT,
    USER_DELETE,
    SAML_REPLY,
    AUTOMATIC,
)
