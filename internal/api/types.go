// Package api holds the wire types of the exchange's HTTP interface and the client for it. doc/openapi.yaml, served at
// /openapi.yaml, is the contract; every body is JSON without unknown members, every error is a problem (RFC 9457).
package api

import (
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// Info is what anybody may know of an exchange: GET /v1/exchange.
type Info struct {
	Name        string               `json:"name"`
	Origin      string               `json:"origin"`       // name of the log
	LogVerifier string               `json:"log_verifier"` // verifier key string to pin
	ReceiptKey  string               `json:"receipt_key"`  // Ed25519, base64url; signs receipts and the exchange's custody events
	RP          footage.RelyingParty `json:"relying_party"`
	Fictional   bool                 `json:"fictional"`
	Policies    []footage.PolicyRef  `json:"policies"`
	Limits      Limits               `json:"limits"`
}

// Limits are the handling limits of the strictest policy in force.
type Limits struct {
	FileBytes      int64 `json:"file_bytes"`
	ShareBytes     int64 `json:"share_bytes"`
	Files          int   `json:"files"`
	RetentionDays  int   `json:"retention_days"`
	ReleaseMinutes int   `json:"release_minutes"`
	WorkBits       int   `json:"work_bits"`
}

// Work is a proof-of-work challenge: find a counter so that SHA-256(challenge ‖ counter in decimal) begins with Bits zero
// bits. It is single-use.
type Work struct {
	Challenge string `json:"challenge"`
	Bits      int    `json:"bits"`
}

// Solution answers a [Work].
type Solution struct {
	Challenge string `json:"challenge"`
	Counter   uint64 `json:"counter"`
}

// BeginShare opens a share: POST /v1/requests/{id}/shares.
type BeginShare struct {
	Work       Solution `json:"work"`
	Credential string   `json:"credential_hash"` // SHA-256 of the mailbox credential, hexadecimal
	Epoch      int      `json:"epoch"`           // the agency's epoch that the clips are sealed to
	Sizes      []int64  `json:"sizes"`           // sealed bytes of each clip
}

// BegunShare answers it. The ticket is the bearer token for the uploads and the commit.
type BegunShare struct {
	Share  footage.ShareID  `json:"share"`
	Ticket string           `json:"ticket"`
	Clips  []footage.ClipID `json:"clips"` // in the order of Sizes
	Sweep  time.Time        `json:"sweep"` // what is not committed by then is gone
}

// CommitShare completes a share: POST /v1/shares/commit with the ticket as bearer token. The answer is a
// [footage.Receipt]; committing the same again answers the same.
type CommitShare struct {
	Clips    []ClipDigest `json:"clips"`
	Manifest string       `json:"manifest"` // the sealed manifest, base64url
}

// ClipDigest is what the sender says that it sent.
type ClipDigest struct {
	ID     footage.ClipID `json:"id"`
	Digest string         `json:"digest"`
}

// Mailbox is the state of a share for the holder of its receipt: GET /v1/mailbox with the credential as bearer token.
type Mailbox struct {
	State    footage.ShareState `json:"state"`
	Recalled bool               `json:"recalled"` // asked back after pick-up; the agency is told at the next release
	Receipt  footage.Receipt    `json:"receipt"`
	Events   []footage.Event    `json:"events"`
	Days     []CustodyDay       `json:"days"` // paths from the chain to the daily roots in the public record
	Messages []footage.Message  `json:"messages"`
}

// CustodyDay is the path from a custody chain to one day's root. The newest head has none until its day is over.
type CustodyDay = evidence.CustodyDay

// Withdrawn answers POST /v1/mailbox/withdraw: how the share stands now.
type Withdrawn struct {
	State footage.ShareState `json:"state"`
}

// Reply sends a sealed message: POST /v1/mailbox/messages, POST /v1/agency/shares/{id}/messages.
type Reply struct {
	Body string `json:"body"` // base64url of an age file
}

// LoginChallenge is a WebAuthn challenge: POST /v1/login/challenge. Options go to navigator.credentials.get.
type LoginChallenge struct {
	Challenge string `json:"challenge"` // base64url
	RPID      string `json:"rp_id"`
}

// Login carries the authenticator's answer: POST /v1/login.
type Login struct {
	Response []byte `json:"response"` // PublicKeyCredential.toJSON
}

// Session answers a login.
type Session struct {
	Token   string         `json:"token"`
	Person  footage.Person `json:"person"`
	Expires time.Time      `json:"expires"`
}

// Invitation is exchanged for a credential: POST /v1/enrol/challenge and /v1/enrol.
type Invitation struct {
	Token string `json:"token"`
}

// Enrolment carries the authenticator's answer, as PublicKeyCredential.toJSON gives it.
type Enrolment struct {
	Token    string `json:"token"`
	Response []byte `json:"response"`
}

// DeviceLogin answers POST /v1/login/device: a program waits to be signed in from a browser (RFC 8628).
type DeviceLogin struct {
	Device  string    `json:"device"`  // the program's secret
	Code    string    `json:"code"`    // what the person types
	Page    string    `json:"page"`    // where they type it
	Expires time.Time `json:"expires"` // until when
}

// FinishDevice asks for the session of a program that waits: POST /v1/login/device/token.
type FinishDevice struct {
	Device string `json:"device"`
}

// Enrolled answers an enrolment.
type Enrolled struct {
	Person  footage.PersonID `json:"person"`
	Pending bool             `json:"pending,omitempty"` // a second person has to confirm the authenticator before it counts
}

// DraftRequest creates a draft: POST /v1/agency/requests.
type DraftRequest struct {
	Document footage.Document `json:"document"`
	Private  footage.Private  `json:"private"`
}

// AgencyRequest is a request as its own agency sees it.
type AgencyRequest struct {
	ID       footage.RequestID      `json:"id"`
	Status   footage.RequestStatus  `json:"status"`
	Document footage.Document       `json:"document"`
	Author   footage.PersonID       `json:"author"`
	Created  time.Time              `json:"created"`
	Updates  []footage.UpdateRecord `json:"updates,omitempty"`
	Approver footage.PersonID       `json:"approver,omitempty"` // which lent supervisor is to approve it, if one was chosen
	Pending  []footage.UpdateRecord `json:"pending,omitempty"`  // wait for the second signature, or for a moderator
	// Moderation holds the rounds of moderation about the request and what was added to it, the oldest first.
	Moderation []Round `json:"moderation,omitempty"`
}

// Decision is all that the rules say of a document that is not stored.
type Decision struct {
	Refused     []footage.Reason    `json:"refused"`      // it cannot be made; empty: it can
	Held        []footage.Reason    `json:"held"`         // what a moderator must look at
	Linked      []footage.RequestID `json:"linked"`       // published requests that it belongs together with
	SquareMiles float64             `json:"area_sq_mi"`   // geodesic, rounded to 0.0001
	CameraHours float64             `json:"camera_hours"` // square miles times hours
}

// Signature carries an assertion over a request or update: POST …/sign, …/approve.
type Signature struct {
	Assertion footage.Assertion `json:"assertion"`
}

// SignedUpdate proposes an update: POST /v1/agency/requests/{id}/updates.
type SignedUpdate struct {
	Update    footage.Update    `json:"update"`
	Assertion footage.Assertion `json:"assertion"`
}

// NewCustodian registers a custodian's device: POST /v1/agency/custodians.
type NewCustodian struct {
	SignKey   string `json:"sign_key"`  // Ed25519, base64url
	Recipient string `json:"recipient"` // age hybrid recipient of the device
}

// CustodianDevice is a registered device.
type CustodianDevice struct {
	ID        footage.CustodianID `json:"id"`
	Person    footage.PersonID    `json:"person"`
	SignKey   string              `json:"sign_key"`
	Recipient string              `json:"recipient"`
	Disabled  bool                `json:"disabled"`
}

// WrappedKey is an epoch's identity, sealed for one holder: a custodian's ID or "recovery".
type WrappedKey struct {
	Epoch   int    `json:"epoch"`
	Holder  string `json:"holder"`
	Wrapped string `json:"wrapped"` // base64url
}

// KeyState is how far a change of keys is.
type KeyState string

// The states of a change of keys.
const (
	KeyNeedsSecond KeyState = "needs_second" // somebody else must agree
	KeyWaits       KeyState = "waits"        // until its time
	KeyCounts      KeyState = "counts"
)

// KeyChange is a key that is to count: GET /v1/agency/keys, POST /v1/agency/wrapped, /v1/agency/keychanges/{id}/agree.
type KeyChange struct {
	ID     footage.KeyChangeID `json:"id"`
	Use    footage.KeyUse      `json:"use"`
	Person footage.PersonID    `json:"person"`           // whose passkey or device it is; who opens the epoch
	Epoch  int                 `json:"epoch,omitempty"`  // of a sealing key
	Device footage.CustodianID `json:"device,omitempty"` // that is let in to it
	State  KeyState            `json:"state"`
	Asked  footage.PersonID    `json:"asked,omitempty"`      // absent: the office at the exchange's machine
	Agreed footage.PersonID    `json:"agreed,omitempty"`     // the second person
	Counts time.Time           `json:"counts_from,omitzero"` // once two have agreed
}

// OpenEpoch starts a new epoch: POST /v1/agency/epochs. Number must be the next one. The answer is the epoch; its time is
// nought while it waits, because a device can open it that could not open the one before.
type OpenEpoch struct {
	Number    int          `json:"number"`
	Recipient string       `json:"recipient"`
	Wrapped   []WrappedKey `json:"wrapped"`
}

// Keys is what an agency's own people may see of its keys: GET /v1/agency/keys.
type Keys struct {
	Epochs     []footage.Epoch   `json:"epochs"`
	Custodians []CustodianDevice `json:"custodians"`
	Wrapped    []WrappedKey      `json:"wrapped"`
	Waiting    []KeyChange       `json:"waiting"` // sealing keys that do not count yet
}

// InboxItem is one released share: GET /v1/agency/shares. Order within a release is random.
type InboxItem struct {
	Share    footage.ShareID      `json:"share"`
	Request  footage.RequestID    `json:"request"`
	State    footage.ShareState   `json:"state"`
	Released time.Time            `json:"released"` // the tick's time
	Recalled bool                 `json:"recalled"`
	Clips    []footage.SealedClip `json:"clips"`
	EraseBy  time.Time            `json:"erase_by"`
	Messages int                  `json:"messages"` // released replies of the resident
}

// Delivery is one share with everything but the clips: GET /v1/agency/shares/{id}. The manifest is empty until the
// caller's program has recorded a picked_up event.
type Delivery struct {
	InboxItem
	Epoch    int               `json:"epoch"`
	Receipt  footage.Receipt   `json:"receipt"`
	Manifest string            `json:"manifest,omitempty"` // sealed, base64url
	Events   []footage.Event   `json:"events"`
	Days     []CustodyDay      `json:"days"`
	Talk     []footage.Message `json:"talk"`
}

// Problem is an error body (RFC 9457) with our members.
type Problem struct {
	Type    string           `json:"type"`
	Title   string           `json:"title"`
	Status  int              `json:"status"`
	Detail  string           `json:"detail,omitempty"`
	Code    string           `json:"code,omitempty"`
	Request string           `json:"request_id,omitempty"`
	Reasons []footage.Reason `json:"reasons,omitempty"`
	Kind    footage.Kind     `json:"kind,omitempty"`
}

// SignedApproval is the operator's approval of an agency with the passkey's assertion over it: POST
// /v1/register/agencies/{id}/approve.
type SignedApproval struct {
	Approval  footage.Approval  `json:"approval"`
	Assertion footage.Assertion `json:"assertion"`
}

// Due is an agency whose verifications are to be renewed: GET /v1/register/due. Those that end within sixty days are named with
// their ends; a lapse says why they are not in force.
type Due struct {
	Agency      footage.AgencyID `json:"agency"`
	Name        string           `json:"name"`
	Lapse       footage.Lapse    `json:"lapse,omitempty"`
	Attestation time.Time        `json:"attestation,omitzero"`
	Approval    time.Time        `json:"approval,omitzero"`
}

// Apply is an application of a body that wants to ask: POST /v1/applications.
type Apply struct {
	Work        Solution            `json:"work"`
	Application footage.Application `json:"application"`
}

// Applied answers an application.
type Applied struct {
	ID footage.ApplicationID `json:"id"` // by which to name it to the office
}

// WaitingApplication is an application that waits for the operator: GET /v1/register/applications.
type WaitingApplication struct {
	ID          footage.ApplicationID `json:"id"`
	Received    time.Time             `json:"received"`
	Application footage.Application   `json:"application"`
}

// AnsweredApplication tells an applicant what became of an application: GET /v1/applications/{id}. Who knows the ID reads
// nothing of what was written.
type AnsweredApplication struct {
	State    footage.ApplicationState  `json:"state"`
	Received time.Time                 `json:"received"`
	Reason   footage.ApplicationReason `json:"reason,omitempty"` // why it was refused
	Agency   footage.AgencyID          `json:"agency,omitempty"` // as which the register holds the applicant now
}

// ApplicationAnswer answers an application: POST /v1/register/applications/{id}/answer. A reason refuses it; an agency's and a
// body's ID enter the applicant into the register.
type ApplicationAnswer struct {
	Reason footage.ApplicationReason `json:"reason,omitempty"`
	Agency footage.AgencyID          `json:"agency,omitempty"`
	Body   footage.BodyID            `json:"body,omitempty"`
}

// Register is who may ask and who vouches for them: GET /v1/register.
type Register struct {
	Operator  *footage.Body        `json:"operator,omitempty"` // none: nobody is named yet
	Attestors []RegisteredAttestor `json:"attestors"`
	Agencies  []footage.Standing   `json:"agencies"`
}

// RegisteredAttestor is an attestor with its time in the register.
type RegisteredAttestor struct {
	footage.Attestor
	Since     time.Time `json:"since"`
	Withdrawn time.Time `json:"withdrawn,omitzero"`
	Reason    string    `json:"reason,omitempty"` // why it was withdrawn
}
