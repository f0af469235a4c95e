package standin.jobdsl

import groovy.transform.PackageScope

/** A folder or job that exists. */
class Existing {
    private final World world
    private final String path
    private final String kind
    final String description

    @PackageScope
    Existing(World world, String path, String kind, String description) {
        this.world = world
        this.path = path
        this.kind = kind
        this.description = description
    }

    String getName() {
        path.tokenize('/').last()
    }

    String getFullName() {
        path
    }

    List getItems() {
        if (kind != 'folder') {
            throw new MissingPropertyException("No such property: items for the job ${path}, which is no folder")
        }
        world.below(path)
    }

    void delete() {
        world.delete(path)
    }
}
