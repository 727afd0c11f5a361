import Glibc

exit(await Program(World.current()).run().rawValue)
