"""What recipients are written, in each language of `notification`. The words are ours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """Bodies are formatted with `name`, `sender`, `title`, `expires`, `url` and `code`."""

    hello: str
    invitation_subject: str
    invitation: str
    reminder_subject: str
    reminder: str
    contact: str
    code_subject: str
    code: str
    untitled: str  # stands for the title of a share without one
    somebody: str  # stands for the sender of a share that names none


TEXTS = {
    "En": Texts(
        hello="Hello {name},",
        invitation_subject="{sender} shares files with you: {title}",
        invitation="{sender} shares files with you: {title}. Open them until {expires}: {url}",
        reminder_subject="Reminder: {sender} shares files with you: {title}",
        reminder="Files from {sender} are waiting for you: {title}. Open them until {expires}: {url}",
        contact="Questions? {contact}",
        code_subject="Your code: {code}",
        code="Your code to open the files is {code}. It is good for {minutes} minutes.",
        untitled="shared files",
        somebody="Somebody",
    ),
    "No": Texts(
        hello="Hei {name},",
        invitation_subject="{sender} deler filer med deg: {title}",
        invitation="{sender} deler filer med deg: {title}. Åpne dem innen {expires}: {url}",
        reminder_subject="Påminnelse: {sender} deler filer med deg: {title}",
        reminder="Filer fra {sender} venter på deg: {title}. Åpne dem innen {expires}: {url}",
        contact="Spørsmål? {contact}",
        code_subject="Din kode: {code}",
        code="Koden din for å åpne filene er {code}. Den gjelder i {minutes} minutter.",
        untitled="delte filer",
        somebody="Noen",
    ),
    "Sv": Texts(
        hello="Hej {name},",
        invitation_subject="{sender} delar filer med dig: {title}",
        invitation="{sender} delar filer med dig: {title}. Öppna dem senast {expires}: {url}",
        reminder_subject="Påminnelse: {sender} delar filer med dig: {title}",
        reminder="Filer från {sender} väntar på dig: {title}. Öppna dem senast {expires}: {url}",
        contact="Frågor? {contact}",
        code_subject="Din kod: {code}",
        code="Din kod för att öppna filerna är {code}. Den gäller i {minutes} minuter.",
        untitled="delade filer",
        somebody="Någon",
    ),
    "Da": Texts(
        hello="Hej {name},",
        invitation_subject="{sender} deler filer med dig: {title}",
        invitation="{sender} deler filer med dig: {title}. Åbn dem senest {expires}: {url}",
        reminder_subject="Påmindelse: {sender} deler filer med dig: {title}",
        reminder="Filer fra {sender} venter på dig: {title}. Åbn dem senest {expires}: {url}",
        contact="Spørgsmål? {contact}",
        code_subject="Din kode: {code}",
        code="Din kode til at åbne filerne er {code}. Den gælder i {minutes} minutter.",
        untitled="delte filer",
        somebody="Nogen",
    ),
    "Fi": Texts(
        hello="Hei {name},",
        invitation_subject="{sender} jakaa tiedostoja kanssasi: {title}",
        invitation="{sender} jakaa tiedostoja kanssasi: {title}. Avaa ne viimeistään {expires}: {url}",
        reminder_subject="Muistutus: {sender} jakaa tiedostoja kanssasi: {title}",
        reminder="Sinua odottaa tiedostoja, lähettäjä {sender}: {title}. Avaa ne viimeistään {expires}: {url}",
        contact="Kysyttävää? {contact}",
        code_subject="Koodisi: {code}",
        code="Koodisi tiedostojen avaamiseen on {code}. Se on voimassa {minutes} minuuttia.",
        untitled="jaettuja tiedostoja",
        somebody="Joku",
    ),
    "De": Texts(
        hello="Guten Tag {name},",
        invitation_subject="{sender} teilt Dateien mit Ihnen: {title}",
        invitation="{sender} teilt Dateien mit Ihnen: {title}. Öffnen Sie sie bis {expires}: {url}",
        reminder_subject="Erinnerung: {sender} teilt Dateien mit Ihnen: {title}",
        reminder="Dateien von {sender} warten auf Sie: {title}. Öffnen Sie sie bis {expires}: {url}",
        contact="Fragen? {contact}",
        code_subject="Ihr Code: {code}",
        code="Ihr Code zum Öffnen der Dateien lautet {code}. Er gilt {minutes} Minuten.",
        untitled="geteilte Dateien",
        somebody="Jemand",
    ),
    "Fr": Texts(
        hello="Bonjour {name},",
        invitation_subject="{sender} partage des fichiers avec vous : {title}",
        invitation="{sender} partage des fichiers avec vous : {title}. Ouvrez-les jusqu'au {expires} : {url}",
        reminder_subject="Rappel : {sender} partage des fichiers avec vous : {title}",
        reminder="Des fichiers de {sender} vous attendent : {title}. Ouvrez-les jusqu'au {expires} : {url}",
        contact="Des questions ? {contact}",
        code_subject="Votre code : {code}",
        code="Votre code pour ouvrir les fichiers est {code}. Il est valable {minutes} minutes.",
        untitled="fichiers partagés",
        somebody="Quelqu'un",
    ),
    "Nl": Texts(
        hello="Hallo {name},",
        invitation_subject="{sender} deelt bestanden met u: {title}",
        invitation="{sender} deelt bestanden met u: {title}. Open ze uiterlijk {expires}: {url}",
        reminder_subject="Herinnering: {sender} deelt bestanden met u: {title}",
        reminder="Bestanden van {sender} wachten op u: {title}. Open ze uiterlijk {expires}: {url}",
        contact="Vragen? {contact}",
        code_subject="Uw code: {code}",
        code="Uw code om de bestanden te openen is {code}. Deze is {minutes} minuten geldig.",
        untitled="gedeelde bestanden",
        somebody="Iemand",
    ),
}
