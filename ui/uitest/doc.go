// Package uitest checks pages as a strict reader would: that the markup is whole, that what names another part of the page
// names one that is there, that whoever cannot see the page is told as much, and that nothing comes from anywhere else.
// Only tests import it.
package uitest
