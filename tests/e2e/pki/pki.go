// Package pki makes the certificates of a test cluster: authorities kept in a folder, and leaves of every kind, good and bad.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const lifetime = 365 * 24 * time.Hour

// Authority is a certificate authority with its key, kept as NAME.crt and NAME.key.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Identity says whom a leaf certificate is for. Names and addresses make it a serving certificate, a common name alone a client's.
type Identity struct {
	CommonName    string
	Organizations []string
	DNSNames      []string
	Addresses     []net.IP
	Usage         x509.ExtKeyUsage
	NotBefore     time.Time // zero: a minute ago
	NotAfter      time.Time // zero: in a year
}

// Open loads the authority kept under dir, or makes and keeps a new one.
func Open(dir, name string) (*Authority, error) {
	certificatePEM, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if errors.Is(err, os.ErrNotExist) {
		return create(dir, name)
	}
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(filepath.Join(dir, name+".key"))
	if err != nil {
		return nil, err
	}
	certificateBlock, _ := pem.Decode(certificatePEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certificateBlock == nil || keyBlock == nil {
		return nil, fmt.Errorf("%s: %s.crt or %s.key holds no PEM block", dir, name, name)
	}
	certificate, err := x509.ParseCertificate(certificateBlock.Bytes)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	ecKey, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s/%s.key: want an ECDSA key, got %T", dir, name, key)
	}
	return &Authority{certificate, ecKey}, nil
}

func create(dir, name string) (*Authority, error) {
	key, err := newKey(filepath.Join(dir, name+".key"))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if err := writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der, 0o644); err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{certificate, key}, nil
}

// Issue writes NAME.crt and NAME.key for who, signed by the authority.
func (a *Authority) Issue(dir, name string, who Identity) error {
	if who.NotBefore.IsZero() {
		who.NotBefore = time.Now().Add(-time.Minute)
	}
	if who.NotAfter.IsZero() {
		who.NotAfter = time.Now().Add(lifetime)
	}
	key, err := newKey(filepath.Join(dir, name+".key"))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: who.CommonName, Organization: who.Organizations},
		NotBefore:    who.NotBefore,
		NotAfter:     who.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{who.Usage},
		DNSNames:     who.DNSNames,
		IPAddresses:  who.Addresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der, 0o644)
}

// OpenSigningKey makes NAME.key and NAME.pub unless dir keeps them already.
func OpenSigningKey(dir, name string) error {
	private := filepath.Join(dir, name+".key")
	if _, err := os.Stat(private); err == nil {
		return nil
	}
	key, err := newKey(private)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, name+".pub"), "PUBLIC KEY", public, 0o644)
}

// newKey makes an ECDSA P-256 key and keeps it at path.
func newKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(path, "PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
