import common from './common.json'
import create from './create.json'
import shell from './shell.json'

export default { common, create, shell }
