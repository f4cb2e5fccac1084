package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// limiter counts the shares that begin, or the complaints that come in, per network in an hour. It holds keyed hashes of address prefixes (/24, /56) in
// memory alone, under a key that is thrown away every day: nothing of it is stored or can be asked for later.
type limiter struct {
	perHour func() int
	now     func() time.Time

	mu     sync.Mutex
	key    [32]byte
	day    int64
	hour   int64
	counts map[[16]byte]int
}

func newLimiter(perHour func() int, now func() time.Time) *limiter {
	return &limiter{perHour: perHour, now: now, counts: map[[16]byte]int{}}
}

// allow counts one more and reports whether it is within the limit, or else how long it is until the count begins anew.
func (l *limiter) allow(r *http.Request) (ok bool, wait time.Duration) {
	prefix := clientPrefix(r)
	limit := l.perHour()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	hour := now.Unix() / 3600
	if day := hour / 24; day != l.day || l.key == [32]byte{} {
		l.day = day
		_, _ = rand.Read(l.key[:]) // crypto/rand.Read never fails
	}
	if hour != l.hour {
		l.hour, l.counts = hour, map[[16]byte]int{}
	}
	m := hmac.New(sha256.New, l.key[:])
	m.Write([]byte(prefix))
	var who [16]byte
	copy(who[:], m.Sum(nil))
	l.counts[who]++
	return l.counts[who] <= l.blurred(limit, who), time.Unix((hour+1)*3600, 0).Sub(now)
}

// blurred returns the limit for a network in this hour: the policy's, less up to half of it by a throw of the dice. A sharp
// limit would tell a neighbour who begins share after share how many others of the network have begun.
func (l *limiter) blurred(limit int, who [16]byte) int {
	m := hmac.New(sha256.New, l.key[:])
	m.Write(who[:])
	_ = binary.Write(m, binary.BigEndian, l.hour) // a hash never fails to write
	return limit - int(binary.BigEndian.Uint64(m.Sum(nil))%uint64(limit/2+1))
}

// clientPrefix returns the network that a request comes from, never a single address.
func clientPrefix(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	bits := 56
	if addr = addr.Unmap(); addr.Is4() {
		bits = 24
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
