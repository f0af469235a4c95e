package jenkins.model

import standin.jobdsl.World

/** What Job DSL scripts see of the controller: its items, to look at and to delete. */
class Jenkins {
    private final World world

    private Jenkins(World world) {
        this.world = world
    }

    static Jenkins get() {
        new Jenkins(World.current())
    }

    Object getItemByFullName(String path) {
        world.item(path)
    }

    List getItems() {
        world.below('')
    }
}
