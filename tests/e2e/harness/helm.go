package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Deploy is the path of something below deploy/ of the checkout; E2E_DEPLOY names that folder.
func Deploy(t testing.TB, path string) string {
	t.Helper()
	root := os.Getenv("E2E_DEPLOY")
	if root == "" {
		t.Fatal("E2E_DEPLOY is not set; tests/e2e/run does it")
	}
	return filepath.Join(root, path)
}

// Helm runs the real helm, which E2E_HELM names, as the administrator and returns what it prints.
func (w *World) Helm(args ...string) (string, error) {
	program := os.Getenv("E2E_HELM")
	if program == "" {
		return "", errors.New("E2E_HELM is not set; tests/e2e/run does it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Env = []string{"KUBECONFIG=" + w.Plane.Path("admin.kubeconfig"), "HOME=" + w.Dir}
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return string(output), fmt.Errorf("helm %q: %w: %s", args, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return string(output), nil
}

// MustHelm fails the test if helm does.
func (w *World) MustHelm(t testing.TB, args ...string) string {
	t.Helper()
	output, err := w.Helm(args...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}
