import { sections } from '../sections'

export default sections(import.meta.glob(['./*.json', '!./admin.json'], { eager: true, import: 'default' }))
