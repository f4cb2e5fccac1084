package exchange_test

import (
	"os"
	"testing"

	"porchlight.example/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Memory(m)) }
