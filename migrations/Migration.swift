enum Embedded {}
