// Prints the error about a prop.
package main

import (
	"fmt"

	"github.com/aws/jsii-runtime-go"
	dashboard "github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go/cdkopenstackdashboard"
)

func main() {
	defer jsii.Close()
	defer func() {
		fmt.Println(recover())
	}()
	dashboard.SessionBackend_SignedCookies(&dashboard.CookieSessionOptions{CookieName: jsii.String("a b")})
}
