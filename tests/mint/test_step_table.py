"""The step types that the vendor's step pages name, and how far each is real."""

import pytest
from tests.mint.flows import Mint

from localsign.mint.engine import catalog

# Documented: display name, category, whether the end user sees it. Spelled by us: the type.
PAGES = """
TriggerAlert | Trigger alert | Alerts | background
SendEmail | Send email | Communication | background
SendHttpRequest | Send raw HTTP request | Connections | background
SendHttpFileUploadRequest | Send HTTP file upload request | Connections | background
If | If/Else | Control flow | background
For | For loop | Control flow | background
While | While loop | Control flow | background
PersonBasicInfoLookup | Person Basic info lookup | Data Verification | background
PersonIdentificationLookup | Perform person identification lookup | Data Verification | background
OrganisationSearch | Search for organisation | Data Verification | background
OrganisationRolesLookup | Organisation Roles lookup | Data Verification | background
OrganisationAuthorizationLookup | Organisation Authorization lookup | Data Verification | background
OrganisationPepAndSanction | Organisation PEP and sanction | Data Verification | background
OrganisationUboLookup | Organisation UBO lookup (with screening) | Data Verification | background
OrganisationDocumentLookup | Perform organisation document lookup | Data Verification | background
CreateDemRecord | Create DEM record | Digital Evidence Management | background
GetDemReport | Get DEM report (PDF) | Digital Evidence Management | background
CreatePdfFromTemplate | PDF hydration | Documents | background
IdentifyWithEid | Identify with eID | eID and Wallet Hub | interactive
CreateSignOrder | Create sign order | Electronic signing | background
AddSignerToSignOrder | Add signer to sign order | Electronic signing | background
AddDocumentsToSignOrder | Add documents to sign order | Electronic signing | background
SendSignOrder | Send sign order | Electronic signing | background
SignInsideJourney | Sign inside journey | Electronic signing | interactive
RetrieveSignOrderSummary | Retrieve sign order summary | Electronic signing | background
DownloadSignedDocuments | Download signed documents | Electronic signing | background
CreateDocumentCollection | Create document collection | Electronic signing (Sign API v2) | background
CreateSigningSession | Create signing session | Electronic signing (Sign API v2) | background
SignSessionInsideJourney | Sign session inside journey | Electronic signing (Sign API v2) | interactive
GetSigningSessionResult | Get signing session result | Electronic signing (Sign API v2) | background
StartVideoId | Start Signicat VideoID | ID document & biometric | interactive
StartPictureId | Start Signicat PictureID | ID document & biometric | interactive
StartWebId | Start assure capture flow WebID | ID document & biometric | interactive
StartReadId | Start assure capture flow ReadID | ID document & biometric | interactive
GetCaptureFlowResultsVideo | Get capture flow results video | ID document & biometric | background
CreateMobileIdUser | Create MobileID user | Mobile identity | background
RegisterMobileIdDevice | Register MobileID device | Mobile identity | background
GetMobileIdRegistrationResult | Get MobileID registration result | Mobile identity | background
CreatePersonMonitor | Create person monitor | Ongoing monitoring | background
SetVariable | Set variables | Primitives | background
AddToListVariable | Add to list variable | Primitives | background
SetName | Set name | Primitives | background
StoreLoopStepData | Store loop step data | Primitives | background
Fault | Fault | Primitives | background
Form | Form | Signicat | interactive
RedirectUser | Redirect user | Signicat | interactive
RequireApproval | Require approval | State | background
SuspendWorkflow | Suspend workflow | State | background
CreateJwt | Create JWT | Utilities | background
MergeDocuments | Merge documents into PDF | Utilities | background
StartJourney | Start journey | Workflows | background
ResumeJourney | Resume journey | Workflows | background
GetJourneyData | Get journey data | Workflows | background
Finish | Finish | Workflows | background
"""

# Done by other means than the vendor's, or not at all: each says so in what the API answers.
SIMULATED = """
SendEmail SendSms PersonBasicInfoLookup PersonIdentificationLookup OrganisationSearch OrganisationRolesLookup
OrganisationAuthorizationLookup OrganisationPepAndSanction OrganisationUboLookup OrganisationDocumentLookup
CreateDemRecord GetDemReport IdentifyWithEid CreateSignOrder AddSignerToSignOrder AddDocumentsToSignOrder
SendSignOrder SignInsideJourney RetrieveSignOrderSummary DownloadSignedDocuments StartVideoId StartPictureId
StartWebId StartReadId GetCaptureFlowResultsVideo CreateMobileIdUser RegisterMobileIdDevice
GetMobileIdRegistrationResult CreatePersonMonitor MergeDocuments
"""

NOT_ON_A_PAGE = {
    "SendSms": "inferred",
    "ForEach": "inferred",
    "CreateSecureShare": "invented",
    "WaitForSecureShare": "invented",
}


def test_every_step_page_has_its_type() -> None:
    rows = [tuple(line.split(" | ")) for line in PAGES.strip().splitlines()]
    found = [
        (one.type, one.display_name, one.category, "interactive" if one.interactive else "background")
        for one in catalog.known().values()
        if one.mark == "documented"
    ]
    assert found == rows
    assert {one.type: one.mark for one in catalog.known().values() if one.mark != "documented"} == NOT_ON_A_PAGE


def test_what_is_simulated_says_so_to_clients(mint: Mint) -> None:
    listed = {one["type"]: one for one in mint.api.get("/mint/step-types").json()}
    simulated = {name: one.simulated for name, one in catalog.known().items() if one.simulated}
    assert set(simulated) == set(SIMULATED.split())
    for name, reason in simulated.items():
        assert str(reason) in listed[name]["description"]


@pytest.mark.parametrize("name", catalog.known())
def test_a_type_has_a_schema_of_what_it_takes_and_gives(mint: Mint, name: str) -> None:
    schema = mint.api.get(f"/mint/step-types/{name}/schema").json()
    assert schema["inputs"]["type"] == schema["outputs"]["type"] == "object"
    found = catalog.known()[name]
    assert set(schema["inputs"]["properties"]) == set(found.inputs)
    assert set(schema["outputs"]["properties"]) == set(found.outputs)
