
CREATE TABLE announcement (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	api VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (id)
)

;

CREATE TABLE archived_document (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	digest VARCHAR NOT NULL, 
	mime_type VARCHAR NOT NULL, 
	filename VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_archived_document_digest ON archived_document (digest);

CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	delivery_id CHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	headers TEXT NOT NULL, 
	status INTEGER, 
	error VARCHAR, 
	answer_headers TEXT NOT NULL, 
	answer BLOB NOT NULL, 
	is_cut BOOLEAN NOT NULL, 
	is_listed BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
)

;
CREATE INDEX ix_attempt_delivery_id ON attempt (delivery_id);
CREATE INDEX ix_attempt_is_listed ON attempt (is_listed);

CREATE TABLE choice (
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY (name)
)

;

CREATE TABLE client (
	client_id VARCHAR NOT NULL, 
	secrets TEXT NOT NULL, 
	permissions TEXT NOT NULL, 
	jwks TEXT, 
	token_lifetime INTEGER, 
	tls_subject TEXT, 
	number INTEGER NOT NULL, 
	PRIMARY KEY (client_id)
)

;

CREATE TABLE collected_document (
	seq INTEGER NOT NULL, 
	collection_id CHAR(32) NOT NULL, 
	document_id CHAR(32) NOT NULL, 
	description VARCHAR, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_collected_document_collection_id ON collected_document (collection_id);
CREATE INDEX ix_collected_document_document_id ON collected_document (document_id);

CREATE TABLE decision (
	seq INTEGER NOT NULL, 
	api VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject CHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('waiting', 'set', 'acting', 'acted', 'refused', 'commanded', 'withdrawn')), 
	person TEXT NOT NULL, 
	persona TEXT, 
	rung VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	due BIGINT, 
	told TEXT NOT NULL, 
	rungs TEXT NOT NULL, 
	ended_at BIGINT, 
	outcome VARCHAR, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_decision_subject ON decision (subject);

CREATE TABLE delivery (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('QUEUED', 'SENDING', 'DELIVERED', 'FAILED', 'REFUSED', 'CANCELLED')), 
	kind VARCHAR(9) NOT NULL CHECK (kind IN ('event', 'test', 'replay', 'duplicate', 'forgery')), 
	publisher VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	reference VARCHAR NOT NULL, 
	source VARCHAR, 
	lane VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	headers TEXT NOT NULL, 
	body BLOB NOT NULL, 
	signature_header VARCHAR, 
	secret VARCHAR, 
	signature VARCHAR, 
	credentials TEXT, 
	stamps TEXT NOT NULL, 
	waits TEXT NOT NULL, 
	queued_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	lapses_at BIGINT, 
	due BIGINT, 
	attempts INTEGER NOT NULL, 
	claim VARCHAR, 
	lease BIGINT, 
	ended_at BIGINT, 
	failure VARCHAR, 
	original CHAR(32), 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_delivery_due ON delivery (state, due, seq);
CREATE INDEX ix_delivery_event ON delivery (event);
CREATE INDEX ix_delivery_reference ON delivery (reference);
CREATE INDEX ix_delivery_source ON delivery (source);

CREATE TABLE document (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(10) NOT NULL CHECK (state IN ('UNASSIGNED', 'ASSIGNED', 'RELEASED', 'DELETED')), 
	mime_type VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	filename VARCHAR, 
	description VARCHAR, 
	title VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_document_digest ON document (digest);

CREATE TABLE document_collection (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('OPEN', 'PACKAGING', 'PACKAGED', 'DELETED')), 
	package_to TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;

CREATE TABLE event_subscription (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	name VARCHAR, 
	is_active BOOLEAN NOT NULL, 
	events TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	url VARCHAR NOT NULL, 
	secret VARCHAR NOT NULL, 
	signature_header VARCHAR NOT NULL, 
	waits TEXT NOT NULL, 
	lifetime FLOAT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;

CREATE TABLE fault (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	kind VARCHAR(11) NOT NULL CHECK (kind IN ('error', 'latency', 'reset', 'truncate', 'lost_answer')), 
	operation VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	code VARCHAR, 
	detail VARCHAR, 
	body TEXT, 
	retry_after INTEGER, 
	latency_us INTEGER NOT NULL, 
	"after" INTEGER NOT NULL, 
	every INTEGER NOT NULL, 
	times INTEGER, 
	probability FLOAT NOT NULL, 
	seed VARCHAR, 
	seen INTEGER NOT NULL, 
	hits INTEGER NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;

CREATE TABLE file_access (
	seq INTEGER NOT NULL, 
	share_id CHAR(32) NOT NULL, 
	recipient_id CHAR(32) NOT NULL, 
	file_id CHAR(32) NOT NULL, 
	downloaded_at BIGINT NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_file_access_file_id ON file_access (file_id);
CREATE INDEX ix_file_access_recipient_id ON file_access (recipient_id);
CREATE INDEX ix_file_access_share_id ON file_access (share_id);

CREATE TABLE listener (
	name VARCHAR NOT NULL, 
	PRIMARY KEY (name)
)

;

CREATE TABLE login_code (
	seq INTEGER NOT NULL, 
	recipient_id CHAR(32) NOT NULL, 
	provider VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	sent_at BIGINT NOT NULL, 
	tries_left INTEGER NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_login_code_recipient_id ON login_code (recipient_id);

CREATE TABLE message (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	api VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	channel VARCHAR(5) NOT NULL CHECK (channel IN ('email', 'sms')), 
	state VARCHAR(7) NOT NULL CHECK (state IN ('kept', 'pending', 'sending', 'sent', 'failed')), 
	sender VARCHAR, 
	recipient VARCHAR NOT NULL, 
	subject VARCHAR, 
	text VARCHAR NOT NULL, 
	html VARCHAR, 
	language VARCHAR, 
	reference VARCHAR NOT NULL, 
	links TEXT NOT NULL, 
	codes TEXT NOT NULL, 
	failure VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_message_recipient ON message (recipient);
CREATE INDEX ix_message_reference ON message (reference);
CREATE INDEX ix_message_state ON message (state);

CREATE TABLE mint_alert (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	step_id VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	message VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_alert_journey_id ON mint_alert (journey_id);

CREATE TABLE mint_file (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	workflow_id CHAR(32), 
	journey_id CHAR(32), 
	step_id VARCHAR, 
	category VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	content_type VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_file_digest ON mint_file (digest);
CREATE INDEX ix_mint_file_journey_id ON mint_file (journey_id);
CREATE INDEX ix_mint_file_workflow_id ON mint_file (workflow_id);

CREATE TABLE mint_graph (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	workflow_id CHAR(32) NOT NULL, 
	steps TEXT NOT NULL, 
	connections TEXT NOT NULL, 
	variables TEXT, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_graph_workflow_id ON mint_graph (workflow_id);

CREATE TABLE mint_item (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	"of" INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	value TEXT, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_item ON mint_item (journey_id, "of", number);

CREATE TABLE mint_journey (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	workflow_id CHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	graph_id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('IDLE', 'RUNNING', 'SUSPENDED', 'FINISHED', 'FAULTED', 'CANCELLED')), 
	name VARCHAR, 
	correlation_id VARCHAR, 
	workflow_name VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	input TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	last_executed_at BIGINT, 
	finished_at BIGINT, 
	faulted_at BIGINT, 
	cancelled_at BIGINT, 
	fault TEXT, 
	home VARCHAR NOT NULL, 
	onward VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_journey_correlation_id ON mint_journey (correlation_id);
CREATE INDEX ix_mint_journey_created ON mint_journey (created_at, seq);
CREATE INDEX ix_mint_journey_executed ON mint_journey (last_executed_at, seq);
CREATE INDEX ix_mint_journey_finished ON mint_journey (finished_at, seq);
CREATE INDEX ix_mint_journey_graph_id ON mint_journey (graph_id);
CREATE INDEX ix_mint_journey_name ON mint_journey (name, seq);
CREATE INDEX ix_mint_journey_state ON mint_journey (state);
CREATE INDEX ix_mint_journey_workflow_id ON mint_journey (workflow_id);

CREATE TABLE mint_journey_user (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	user_id VARCHAR NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_journey_user_journey_id ON mint_journey_user (journey_id);
CREATE INDEX ix_mint_journey_user_user_id ON mint_journey_user (user_id);

CREATE TABLE mint_link (
	seq INTEGER NOT NULL, 
	token VARCHAR NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	kind VARCHAR NOT NULL, 
	step_id VARCHAR, 
	expires_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (token)
)

;
CREATE INDEX ix_mint_link_journey_id ON mint_link (journey_id);

CREATE TABLE mint_log (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	step_id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	event VARCHAR NOT NULL, 
	message VARCHAR, 
	outcomes TEXT, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_log_journey_id ON mint_log (journey_id);

CREATE TABLE mint_loop (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	loop_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_loop_journey_id ON mint_loop (journey_id);

CREATE TABLE mint_note (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	step_id VARCHAR, 
	content VARCHAR NOT NULL, 
	folded VARCHAR NOT NULL, 
	created_by VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_note_journey_id ON mint_note (journey_id);

CREATE TABLE mint_output (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	step_id VARCHAR NOT NULL, 
	data TEXT, 
	weight INTEGER NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_mint_output_journey_id ON mint_output (journey_id);

CREATE TABLE mint_run (
	seq INTEGER NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	stack TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	variables TEXT NOT NULL, 
	executed INTEGER NOT NULL, 
	weight INTEGER NOT NULL, 
	lists INTEGER NOT NULL, 
	kept INTEGER NOT NULL, 
	scope_number INTEGER NOT NULL, 
	turn INTEGER NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (journey_id)
)

;

CREATE TABLE mint_secret (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	name VARCHAR NOT NULL, 
	description VARCHAR, 
	value VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (name)
)

;

CREATE TABLE mint_sign_order (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	title VARCHAR NOT NULL, 
	signers TEXT NOT NULL, 
	documents TEXT NOT NULL, 
	collection_id CHAR(32), 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_sign_order_journey_id ON mint_sign_order (journey_id);

CREATE TABLE mint_template (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	flow TEXT NOT NULL, 
	accounts TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;

CREATE TABLE mint_version (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	workflow_id CHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED')), 
	is_latest BOOLEAN NOT NULL, 
	graph_id CHAR(32) NOT NULL, 
	name VARCHAR NOT NULL, 
	description VARCHAR, 
	tags TEXT, 
	parameters TEXT, 
	custom TEXT, 
	folded VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_version_created ON mint_version (created_at, seq);
CREATE INDEX ix_mint_version_is_latest ON mint_version (is_latest);
CREATE INDEX ix_mint_version_name ON mint_version (name, seq);
CREATE INDEX ix_mint_version_state ON mint_version (state);
CREATE INDEX ix_mint_version_workflow_id ON mint_version (workflow_id);

CREATE TABLE mint_wait (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	journey_id CHAR(32) NOT NULL, 
	step_id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	frame INTEGER, 
	at BIGINT NOT NULL, 
	subject VARCHAR, 
	facts TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_mint_wait_journey_id ON mint_wait (journey_id);
CREATE INDEX ix_mint_wait_subject ON mint_wait (subject);

CREATE TABLE mint_workflow (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	slug VARCHAR NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (slug)
)

;

CREATE TABLE package (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('PENDING', 'COMPLETED', 'FAILED')), 
	type VARCHAR NOT NULL, 
	session_id CHAR(32), 
	collection_id CHAR(32), 
	result_id CHAR(32), 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_package_collection_id ON package (collection_id);
CREATE INDEX ix_package_session_id ON package (session_id);

CREATE TABLE persona (
	seq INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	country VARCHAR NOT NULL, 
	national_id VARCHAR, 
	email VARCHAR, 
	phone VARCHAR, 
	eids TEXT NOT NULL, 
	rule TEXT, 
	PRIMARY KEY (seq), 
	UNIQUE ("key")
)

;

CREATE TABLE predecessor (
	seq INTEGER NOT NULL, 
	session_id CHAR(32) NOT NULL, 
	predecessor_id CHAR(32) NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_predecessor_predecessor_id ON predecessor (predecessor_id);
CREATE INDEX ix_predecessor_session_id ON predecessor (session_id);

CREATE TABLE queued_decision (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	action VARCHAR NOT NULL, 
	"after" VARCHAR, 
	told TEXT NOT NULL, 
	api VARCHAR, 
	kind VARCHAR, 
	matches TEXT NOT NULL, 
	used_for CHAR(32), 
	used_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_queued_decision_is_open ON queued_decision (is_open);

CREATE TABLE rate_limit (
	operation VARCHAR NOT NULL, 
	requests INTEGER NOT NULL, 
	per_us INTEGER NOT NULL, 
	since BIGINT, 
	used INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	PRIMARY KEY (operation)
)

;

CREATE TABLE revoked_token (
	jti VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (jti)
)

;

CREATE TABLE session_document (
	seq INTEGER NOT NULL, 
	session_id CHAR(32) NOT NULL, 
	collection_id CHAR(32) NOT NULL, 
	document_id CHAR(32) NOT NULL, 
	action VARCHAR NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_session_document_collection_id ON session_document (collection_id);
CREATE INDEX ix_session_document_document_id ON session_document (document_id);
CREATE INDEX ix_session_document_session_id ON session_document (session_id);

CREATE TABLE share (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('Active', 'Completed', 'Expired', 'Deleted')), 
	created_at BIGINT NOT NULL, 
	expires BIGINT NOT NULL, 
	title VARCHAR, 
	title_folded VARCHAR NOT NULL, 
	description VARCHAR, 
	external_reference VARCHAR, 
	usage_reference VARCHAR, 
	request_domain VARCHAR, 
	contact TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_share_created ON share (created_at, seq);
CREATE INDEX ix_share_expires ON share (expires, seq);
CREATE INDEX ix_share_title ON share (title_folded, seq);

CREATE TABLE share_recipient (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	share_id CHAR(32) NOT NULL, 
	state VARCHAR(10) NOT NULL CHECK (state IN ('Invited', 'LoggedIn', 'Downloaded', 'Deleted')), 
	token VARCHAR NOT NULL, 
	first_name VARCHAR, 
	last_name VARCHAR, 
	email VARCHAR, 
	mobile VARCHAR, 
	external_reference VARCHAR, 
	file_restrictions TEXT NOT NULL, 
	authentication TEXT NOT NULL, 
	notification TEXT, 
	tags TEXT NOT NULL, 
	is_notified BOOLEAN NOT NULL, 
	is_asked BOOLEAN NOT NULL, 
	opened_at BIGINT, 
	logged_in_at BIGINT, 
	login_version INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (token)
)

;
CREATE INDEX ix_share_recipient_share_id ON share_recipient (share_id);

CREATE TABLE shared_file (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	share_id CHAR(32) NOT NULL, 
	name VARCHAR NOT NULL, 
	content_type VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_shared_file_digest ON shared_file (digest);
CREATE INDEX ix_shared_file_share_id ON shared_file (share_id);

CREATE TABLE signature (
	seq INTEGER NOT NULL, 
	session_id CHAR(32) NOT NULL, 
	collection_id CHAR(32) NOT NULL, 
	original_id CHAR(32) NOT NULL, 
	result_id CHAR(32) NOT NULL, 
	type VARCHAR NOT NULL, 
	archive_id CHAR(32), 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_signature_original_id ON signature (original_id);
CREATE INDEX ix_signature_result_id ON signature (result_id);
CREATE INDEX ix_signature_session_id ON signature (session_id);

CREATE TABLE signing_key (
	kid VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	pem VARCHAR NOT NULL, 
	is_published BOOLEAN NOT NULL, 
	is_signing BOOLEAN NOT NULL, 
	PRIMARY KEY (kid)
)

;

CREATE TABLE signing_session (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(8) NOT NULL CHECK (state IN ('BLOCKED', 'READY', 'SIGNED', 'REJECTED', 'EXPIRED', 'DELETED')), 
	title_folded VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	url_token CHAR(32) NOT NULL, 
	url_ttl INTEGER, 
	url_expires_at BIGINT NOT NULL, 
	wanted TEXT NOT NULL, 
	opened_at BIGINT, 
	ended_at BIGINT, 
	ended_by VARCHAR, 
	ended_with VARCHAR, 
	reject_reason VARCHAR, 
	contact TEXT, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (url_token)
)

;
CREATE INDEX ix_signing_session_created ON signing_session (created_at, seq);
CREATE INDEX ix_signing_session_due ON signing_session (due_at, seq);

CREATE TABLE st_access_token (
	secret VARCHAR NOT NULL, 
	refresh VARCHAR NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	client_id VARCHAR NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (secret), 
	UNIQUE (refresh)
)

;
CREATE INDEX ix_st_access_token_user_id ON st_access_token (user_id);

CREATE TABLE st_application (
	id INTEGER NOT NULL, 
	client_id VARCHAR, 
	client_secret VARCHAR NOT NULL, 
	password VARCHAR NOT NULL, 
	saml_secret VARCHAR NOT NULL, 
	PRIMARY KEY (id)
)

;

CREATE TABLE st_audit (
	seq INTEGER NOT NULL, 
	dst_id CHAR(32) NOT NULL, 
	at BIGINT NOT NULL, 
	event VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	signer TEXT, 
	document_id INTEGER, 
	form_id INTEGER, 
	request_id INTEGER, 
	note_id INTEGER, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_st_audit_dst_id ON st_audit (dst_id);

CREATE TABLE st_challenge (
	user_id CHAR(32) NOT NULL, 
	challenge VARCHAR NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (user_id), 
	UNIQUE (challenge)
)

;

CREATE TABLE st_device (
	seq INTEGER NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	device_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	token CHAR(32) NOT NULL, 
	push_token VARCHAR, 
	registered_at BIGINT NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE UNIQUE INDEX ix_st_device ON st_device (user_id, device_id);

CREATE TABLE st_document (
	seq INTEGER NOT NULL, 
	dst_id CHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	plain_id CHAR(32), 
	filled_id CHAR(32), 
	working_id CHAR(32), 
	signed_id CHAR(32), 
	source_url VARCHAR, 
	filename VARCHAR, 
	title VARCHAR, 
	forms TEXT NOT NULL, 
	requests TEXT NOT NULL, 
	groups TEXT NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE UNIQUE INDEX ix_st_document ON st_document (dst_id, number);

CREATE TABLE st_dst (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(22) NOT NULL CHECK (state IN ('draft', 'downloadingInDraft', 'downloadingInPublished', 'published', 'toFill', 'toSign', 'expired', 'signed', 'rejected', 'error', 'replaced')), 
	domain VARCHAR NOT NULL, 
	title VARCHAR, 
	template BOOLEAN NOT NULL, 
	public_template BOOLEAN NOT NULL, 
	is_instance BOOLEAN NOT NULL, 
	urgent BOOLEAN NOT NULL, 
	replaces CHAR(32), 
	replaced_by CHAR(32), 
	created_by CHAR(32) NOT NULL, 
	robot_id CHAR(32), 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	published_at BIGINT, 
	expires_at BIGINT, 
	wished_expiry BIGINT, 
	deleted_at BIGINT, 
	error_message VARCHAR, 
	tags TEXT NOT NULL, 
	extra TEXT NOT NULL, 
	visible_to TEXT NOT NULL, 
	cc_users TEXT NOT NULL, 
	cc_groups TEXT NOT NULL, 
	base_url VARCHAR NOT NULL, 
	parts INTEGER NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_st_dst_created_by ON st_dst (created_by);
CREATE INDEX ix_st_dst_domain ON st_dst (domain, template, seq);

CREATE TABLE st_group (
	id INTEGER NOT NULL, 
	domain VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id)
)

;
CREATE UNIQUE INDEX ix_st_group_name ON st_group (domain, name);

CREATE TABLE st_identity (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	label VARCHAR NOT NULL, 
	expires_at BIGINT NOT NULL, 
	shown TEXT NOT NULL, 
	appearance TEXT, 
	digest VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_st_identity_digest ON st_identity (digest);
CREATE INDEX ix_st_identity_user_id ON st_identity (user_id);

CREATE TABLE st_membership (
	seq INTEGER NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	group_id INTEGER NOT NULL, 
	PRIMARY KEY (seq)
)

;
CREATE INDEX ix_st_membership_group_id ON st_membership (group_id);
CREATE INDEX ix_st_membership_user_id ON st_membership (user_id);

CREATE TABLE st_note (
	id INTEGER NOT NULL, 
	dst_id CHAR(32) NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	created_at BIGINT NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (id)
)

;
CREATE INDEX ix_st_note_dst_id ON st_note (dst_id);

CREATE TABLE st_notification (
	id INTEGER NOT NULL, 
	time BIGINT NOT NULL, 
	dst_id CHAR(32) NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	event VARCHAR NOT NULL, 
	dst_title VARCHAR, 
	email VARCHAR, 
	is_consumed BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
)

;
CREATE INDEX ix_st_notification ON st_notification (user_id, id);
CREATE INDEX ix_st_notification_dst_id ON st_notification (dst_id);

CREATE TABLE st_organization (
	domain VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	default_days INTEGER NOT NULL, 
	PRIMARY KEY (domain)
)

;

CREATE TABLE st_password_token (
	token CHAR(32) NOT NULL, 
	user_id CHAR(32) NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
)

;
CREATE INDEX ix_st_password_token_user_id ON st_password_token (user_id);

CREATE TABLE st_resource (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	dst_id CHAR(32) NOT NULL, 
	role VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	pages INTEGER, 
	title VARCHAR, 
	filename VARCHAR NOT NULL, 
	mimetype VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	extra TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_st_resource_digest ON st_resource (digest);
CREATE INDEX ix_st_resource_dst_id ON st_resource (dst_id);

CREATE TABLE st_robot_configuration (
	user_id CHAR(32) NOT NULL, 
	wanted TEXT NOT NULL, 
	PRIMARY KEY (user_id)
)

;

CREATE TABLE st_robot_token (
	user_id CHAR(32) NOT NULL, 
	secret VARCHAR NOT NULL, 
	PRIMARY KEY (user_id), 
	UNIQUE (secret)
)

;

CREATE TABLE st_turn (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL CHECK (state IN ('waiting', 'pending', 'performed', 'declined', 'expired', 'cancelled')), 
	dst_id CHAR(32) NOT NULL, 
	document INTEGER NOT NULL, 
	form_id INTEGER, 
	request_id INTEGER, 
	signer_id INTEGER NOT NULL, 
	"group" INTEGER NOT NULL, 
	who VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR, 
	phone VARCHAR, 
	user_id CHAR(32), 
	ticket CHAR(32) NOT NULL, 
	ended_at BIGINT, 
	reason VARCHAR, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (ticket)
)

;
CREATE INDEX ix_st_turn ON st_turn (dst_id, seq);
CREATE INDEX ix_st_turn_user_id ON st_turn (user_id);
CREATE INDEX ix_st_turn_who ON st_turn (who);

CREATE TABLE st_user (
	seq INTEGER NOT NULL, 
	id CHAR(32) NOT NULL, 
	domain VARCHAR NOT NULL, 
	username VARCHAR NOT NULL, 
	state VARCHAR(8) NOT NULL CHECK (state IN ('ENABLED', 'DISABLED')), 
	origin VARCHAR NOT NULL, 
	is_robot BOOLEAN NOT NULL, 
	password VARCHAR, 
	must_change BOOLEAN NOT NULL, 
	role VARCHAR NOT NULL, 
	capabilities TEXT NOT NULL, 
	language VARCHAR NOT NULL, 
	name VARCHAR, 
	surname VARCHAR, 
	email VARCHAR, 
	phone VARCHAR, 
	automatic BOOLEAN NOT NULL, 
	extra TEXT NOT NULL, 
	created_by CHAR(32), 
	created_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
)

;
CREATE INDEX ix_st_user_created_at ON st_user (created_at);
CREATE INDEX ix_st_user_email ON st_user (email);
CREATE UNIQUE INDEX ix_st_user_name ON st_user (domain, username);

CREATE TABLE timer (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	due BIGINT, 
	reads_left INTEGER, 
	lag VARCHAR, 
	failure VARCHAR, 
	PRIMARY KEY (id)
)

;
CREATE INDEX ix_timer_due ON timer (due);
CREATE INDEX ix_timer_reads ON timer (reads_left) WHERE reads_left IS NOT NULL;
CREATE INDEX ix_timer_subject ON timer (subject);

CREATE TABLE used_assertion (
	jti VARCHAR NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (jti)
)

;

CREATE TABLE world (
	id INTEGER NOT NULL, 
	seed VARCHAR, 
	drawn INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	offset_us INTEGER NOT NULL, 
	frozen_at BIGINT, 
	localsign VARCHAR, 
	PRIMARY KEY (id)
)

;
