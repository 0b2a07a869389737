BEGIN TRANSACTION;
CREATE TABLE accounts (
	id VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	user_group VARCHAR(40) NOT NULL, 
	created FLOAT NOT NULL, enabled BOOLEAN NOT NULL DEFAULT TRUE, balance BIGINT NOT NULL DEFAULT 0 CONSTRAINT balance_not_negative CHECK (balance >= 0), live_tasks INTEGER NOT NULL DEFAULT 0, requests_per_minute INTEGER, max_tasks INTEGER, finish_tag BIGINT NOT NULL DEFAULT 0, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "accounts" VALUES('acct-9c405e23f9bfb1cc','default','default',1.79562843942978644373e+09,1,9996299558,24,NULL,NULL,3950482);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE api_keys (
	id VARCHAR(40) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	prefix VARCHAR(20) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	created FLOAT NOT NULL, 
	expires FLOAT, 
	revoked FLOAT, 
	models JSON, enabled BOOLEAN NOT NULL DEFAULT TRUE, credit_limit BIGINT, used BIGINT NOT NULL DEFAULT 0, live_tasks INTEGER NOT NULL DEFAULT 0, requests_per_minute INTEGER, max_tasks INTEGER, last_used FLOAT, previous_sha256 VARCHAR(64), previous_ends FLOAT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id), 
	UNIQUE (sha256)
);
INSERT INTO "api_keys" VALUES('key-9ede9481c885','acct-9c405e23f9bfb1cc','first','od-gvisvy','81662938358a5d8afccac122e0673a292301b53e5d3986f46074383f68c1257d',1.79562843943586897851e+09,NULL,NULL,'null',1,NULL,3700442,24,NULL,NULL,1.79562844053495740889e+09,NULL,NULL);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at FLOAT NOT NULL, 
	kind VARCHAR(60) NOT NULL, 
	actor VARCHAR(60) NOT NULL, 
	account_id VARCHAR(40), 
	task_id VARCHAR(60), 
	detail JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1.7956284405664596558e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628440-snzh23o1','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "0d003aeb4c21ada433a42b2b468ba7f7fabbbd5bed3cdc53cf84d56961e9d29b", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(2,1.79562844087645673753e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628440-05akag9b','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "742f176618630cec48b0152007c45aeb4f93e18636ac788bed05779d2a1f142f", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(3,1.79562844101552224161e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628440-snzh23o1','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(4,1.79562844104416871075e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628440-05akag9b','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(5,1795628441.3022,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-vbwsh9ri','{"model": "seedance-2.0-fast-image-to-video", "prompt_hmac_sha256": "d6516d671cdafa7b047336ec45c9354960f64347c5e92bfae43833730d6419e7", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(6,1.79562844141807317734e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-xlg101dw','{"model": "seedance-2.0-fast-image-to-video", "prompt_hmac_sha256": "6f67ef59ec38b5af3a3b914d35ac8311dd83c3b038804cab60753106fcbc0ce6", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(7,1.79562844152703666687e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-z67x2yft','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "e7efa03cc75c6c67c70e79ea557ae2e89f02fa4bb408015634b8086c0129ec16", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(8,1.79562844164632606511e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-zp21tkjd','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "5839d31d5eca9d4b068d301e2df7c18188bf1f223f7939071f04f852c7d3567e", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(9,1.79562844171877431867e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-vbwsh9ri','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(10,1.79562844172354698184e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-e7gvkvc7','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "2cd54984fb9cf26714f7daaec8d743068c8a55aeec2a88e6ac624e056e95bcb9", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(11,1.79562844172822070124e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-xlg101dw','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(12,1.79562844179557037352e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-vadgzlfj','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "dec8f5733cfc1918df08562056980cfc76a09c11a211b911d6a0015c7c65e158", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(13,1.79562844185916757576e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-e2m32x3u','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "20f9116d51e9d956cb711afc4d8341afd8d3bcb45c693bc9986fcedd70bab6ba", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(14,1.79562844186184287064e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-zp21tkjd','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(15,1.79562844196089696881e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628441-ecgro2j6','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "c705173fbab331e6d593fc4e1f49b641bd2cc07eaed6bad10438a2cfa7fa7a60", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(16,1.79562844206641054152e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-e7gvkvc7','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(17,1.79562844207282233241e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-8mbznzuf','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "38e4baa62cb374f76fe0adc20bc15db27613867b5d646cae78d433b4ff4a0d26", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(18,1.79562844207629251479e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-vadgzlfj','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(19,1.79562844215558838848e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-e2m32x3u','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(20,1.79562844215990185733e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-t4bz1lis','{"model": "seedance-2.0-text-to-video", "prompt_hmac_sha256": "22e139b838f52f8007fd8f04241eea9f9a49dc0ab5de6ccd5c4028d362561642", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(21,1.79562844219952368737e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-ecgro2j6','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(22,1.79562844234718871111e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-9mtewfg9','{"model": "seedance-2.0-text-to-video", "prompt_hmac_sha256": "7e3269c97bc87838d0e8571bcd30e332669fce19880857b1e413a532168297a4", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(23,1795628442.60098,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-6wvnl2bl','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "582050559f699ac036dbcd0edb62a5649670f00c98ed544f39ad70a50f9a8b1b", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(24,1.79562844260862660402e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-8mbznzuf','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(25,1.79562844281399083138e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-thtcvc03','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "c11c7556f99a3222e7bd6a6fb5a90f1414581dc9176488b468e8a97f79f680bd", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(26,1.79562844281979608535e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-t4bz1lis','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(27,1.79562844291899514201e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628442-bpf9asyo','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "b6786320b971d9ac7a6ece2112a681dea1b017d7f66b6f4d8e7f29d93567d31b", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(28,1.79562844293433427809e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-9mtewfg9','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(29,1.79562844315586805348e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628443-fg158wf3','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "c18a5a1345cda2ffd6d4dbbff80eeb69ab513b83663281abc7f2d56a4272fee5", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(30,1.79562844345960593225e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628443-ep85e5qx','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "6275ecde41c85651d13d1a2918aff664b14aea68917774716415ecbfdd82357e", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(31,1.79562844347603940966e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-thtcvc03','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(32,1.79562844362299799919e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-bpf9asyo','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(33,1.79562844365099811552e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628443-nm6m5n1f','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "817d4ae7a8a25d479c4af855384abc14b43eb62e7b767663596e16e9814338d6", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(34,1.7956284440568180084e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628443-fg158wf3','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(35,1.79562844406721568105e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628444-w2vuodqq','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "7a4dcb496f3458b8844a20066178cdefd4c16056cfd31590f6a3e57568333a3f", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(36,1.79562844407632541659e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628443-ep85e5qx','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(37,1.79562844456206107141e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628444-7i05m2so','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "a9c43580104d51f74ab003389069035581165da8901117eaec482b21a2f59b81", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(38,1.79562844459398984905e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628443-nm6m5n1f','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(39,1.79562844487501287464e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628444-jmhqnuwx','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "15638673b8b3b82cd7c612b3b5068cb51cec846afd5d0d51f3194f5607443562", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(40,1.79562844488036394124e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-e2m32x3u','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(41,1.79562844499045634267e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-w2vuodqq','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(42,1.79562844499917697912e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628442-8mbznzuf','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(43,1.79562844501359796522e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-ecgro2j6','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(44,1.7956284450268118381e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-vbwsh9ri','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(45,1.79562844504375839233e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628445-j7wmqg4i','{"model": "seedance-2.0-mini-image-to-video", "prompt_hmac_sha256": "35cb6f2f7c6824e446ccf484d282c816abd4b2cb9332120e1078d5c797cd77fa", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(46,1.79562844519404911998e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-7i05m2so','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(47,1.79562844521736693381e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628441-xlg101dw','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(48,1.79562844528716278073e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-jmhqnuwx','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(49,1.79562844542002701762e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628445-j7wmqg4i','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(50,1.79562844651122355461e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628443-nm6m5n1f','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(51,1.79562844699088263508e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628443-ep85e5qx','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(52,1.79562844707122707364e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-jmhqnuwx','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(53,1.79562844719082283975e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-w2vuodqq','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(54,1.79562844727040624615e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628445-j7wmqg4i','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(55,1.7956284473177223206e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-7i05m2so','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(56,1.79562844743771910663e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-jmhqnuwx','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(57,1.7956284475696868896e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628445-j7wmqg4i','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(58,1.79562844761896800993e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628444-7i05m2so','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(59,1.79562844771684956553e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628447-cqicp9d3','{"model": "seedance-2.0-fast-image-to-video", "prompt_hmac_sha256": "f03473328b4a70048e2b9b67026effc86f1d3ac85efeec17e62f991dccb91749", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(60,1.7956284478100278377e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628447-cqicp9d3','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(61,1.79562844820704150205e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628447-cqicp9d3','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(62,1.7956284483545773029e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628448-9ernjdcf','{"model": "seedance-2.0-fast-image-to-video", "prompt_hmac_sha256": "3315544e87ec105bafe78a0a1f29ae5704d19345bd3d861fbfda569b27f4ed8e", "duration": 4, "quality": "480p", "content_filter": true, "image_urls": 1}');
INSERT INTO "audit" VALUES(63,1.79562844845893192289e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628448-9ernjdcf','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(64,1.79562844875398254398e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628448-9ernjdcf','{"decisions": [{"input": "image_urls[0]", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(65,1.79562845178632426263e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628451-orp3tfkh','{"model": "seedance-2.0-mini-reference-to-video", "prompt_hmac_sha256": "c997de15ebf56b9bea2d4dc60cb4a201af6eb525cec631a16e02a975c10bdb32", "duration": 4, "quality": "480p", "content_filter": false, "image_urls": 1}');
INSERT INTO "audit" VALUES(66,1.79562845186845231057e+09,'task.created','od-gvisvy','acct-9c405e23f9bfb1cc','task-unified-1795628451-4ilonz6s','{"model": "seedance-2.0-mini-text-to-video", "prompt_hmac_sha256": "f76d7160ea79801d25b909121b6c1f5ab32524c8a34d3834eba5f90b35022cd4", "duration": 4, "quality": "480p", "content_filter": true}');
INSERT INTO "audit" VALUES(67,1.79562845195990204811e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628451-4ilonz6s','{"decisions": [{"input": "prompt", "verdict": "allowed"}]}');
INSERT INTO "audit" VALUES(68,1.79562845209903192526e+09,'filter','content filter','acct-9c405e23f9bfb1cc','task-unified-1795628451-4ilonz6s','{"decisions": [{"input": "output", "verdict": "allowed"}]}');
CREATE TABLE callback_secrets (
	account_id VARCHAR(40) NOT NULL, 
	secret VARCHAR(100) NOT NULL, 
	previous VARCHAR(100), 
	previous_ends FLOAT, 
	PRIMARY KEY (account_id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "callback_secrets" VALUES('acct-9c405e23f9bfb1cc','whsec_PuqBpQ/Z6gHBeQKOfTUC17qUgdJ3FMBL',NULL,NULL);
CREATE TABLE deliveries (
	id VARCHAR(40) NOT NULL, 
	task_id VARCHAR(60) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	url VARCHAR(2048) NOT NULL, 
	host VARCHAR(300) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	due FLOAT NOT NULL, 
	created FLOAT NOT NULL, 
	finished FLOAT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(task_id) REFERENCES tasks (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "deliveries" VALUES('dlv-e9ed4185e5ad6fa3a8d1','task-unified-1795628451-4ilonz6s','acct-9c405e23f9bfb1cc','https://example.com/hook','example.com','pending',1.79562845316871500011e+09,1.79562845215271043772e+09,NULL);
CREATE TABLE delivery_attempts (
	delivery_id VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	seconds FLOAT NOT NULL, 
	status_code INTEGER, 
	error TEXT, 
	PRIMARY KEY (delivery_id, number), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO "delivery_attempts" VALUES('dlv-e9ed4185e5ad6fa3a8d1',1,1.79562845216232037544e+09,3.98608599994076939765e-03,NULL,'there is no host of this name');
CREATE TABLE engine_speeds (
	engine VARCHAR(40) NOT NULL, 
	tier VARCHAR(20) NOT NULL, 
	quality VARCHAR(10) NOT NULL, 
	seconds_per_second FLOAT NOT NULL, 
	samples INTEGER NOT NULL, 
	PRIMARY KEY (engine, tier, quality)
);
INSERT INTO "engine_speeds" VALUES('blank','mini','480p',3.88057802860124071223e-03,9);
INSERT INTO "engine_speeds" VALUES('blank','fast','480p',8.18887500031451e-05,1);
CREATE TABLE idempotency_keys (
	account_id VARCHAR(40) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	body_sha256 VARCHAR(64) NOT NULL, 
	task_id VARCHAR(60) NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (account_id, "key"), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE ledger (
	id INTEGER NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	amount BIGINT NOT NULL, 
	task_id VARCHAR(60), 
	key_id VARCHAR(40), 
	reason TEXT, 
	reference VARCHAR(200), 
	lines JSON, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ledger_one_of_a_kind UNIQUE (task_id, kind), 
	CONSTRAINT ledger_one_of_a_reference UNIQUE (account_id, reference), 
	CONSTRAINT ledger_signs CHECK (CASE kind WHEN 'topup' THEN amount > 0 WHEN 'reserve' THEN amount <= 0 AND task_id IS NOT NULL WHEN 'settle' THEN amount >= 0 AND task_id IS NOT NULL WHEN 'refund' THEN amount >= 0 AND task_id IS NOT NULL WHEN 'adjust' THEN amount <> 0 ELSE FALSE END), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "ledger" VALUES(1,'acct-9c405e23f9bfb1cc','topup',10000000000,NULL,NULL,'credits to start with','first-start',NULL,1.79562843943292665483e+09);
INSERT INTO "ledger" VALUES(2,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628440-snzh23o1','key-9ede9481c885',NULL,NULL,NULL,1.79562844056714129448e+09);
INSERT INTO "ledger" VALUES(3,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628440-05akag9b','key-9ede9481c885',NULL,NULL,NULL,1.79562844087659907342e+09);
INSERT INTO "ledger" VALUES(4,'acct-9c405e23f9bfb1cc','refund',125020,'task-unified-1795628440-snzh23o1','key-9ede9481c885',NULL,NULL,NULL,1.79562844113456106191e+09);
INSERT INTO "ledger" VALUES(5,'acct-9c405e23f9bfb1cc','refund',125020,'task-unified-1795628440-05akag9b','key-9ede9481c885',NULL,NULL,NULL,1.79562844129038333895e+09);
INSERT INTO "ledger" VALUES(6,'acct-9c405e23f9bfb1cc','reserve',-202520,'task-unified-1795628441-vbwsh9ri','key-9ede9481c885',NULL,NULL,NULL,1.79562844130231285093e+09);
INSERT INTO "ledger" VALUES(7,'acct-9c405e23f9bfb1cc','reserve',-202520,'task-unified-1795628441-xlg101dw','key-9ede9481c885',NULL,NULL,NULL,1.79562844141824030875e+09);
INSERT INTO "ledger" VALUES(8,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-z67x2yft','key-9ede9481c885',NULL,NULL,NULL,1.79562844152717852592e+09);
INSERT INTO "ledger" VALUES(9,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-zp21tkjd','key-9ede9481c885',NULL,NULL,NULL,1.795628441646437645e+09);
INSERT INTO "ledger" VALUES(10,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-e7gvkvc7','key-9ede9481c885',NULL,NULL,NULL,1.79562844172363805773e+09);
INSERT INTO "ledger" VALUES(11,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-vadgzlfj','key-9ede9481c885',NULL,NULL,NULL,1.79562844179566335678e+09);
INSERT INTO "ledger" VALUES(12,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-e2m32x3u','key-9ede9481c885',NULL,NULL,NULL,1.79562844185925340654e+09);
INSERT INTO "ledger" VALUES(13,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628441-ecgro2j6','key-9ede9481c885',NULL,NULL,NULL,1.79562844196103096007e+09);
INSERT INTO "ledger" VALUES(14,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628442-8mbznzuf','key-9ede9481c885',NULL,NULL,NULL,1.79562844207291460044e+09);
INSERT INTO "ledger" VALUES(15,'acct-9c405e23f9bfb1cc','reserve',-251240,'task-unified-1795628442-t4bz1lis','key-9ede9481c885',NULL,NULL,NULL,1.79562844215998983384e+09);
INSERT INTO "ledger" VALUES(16,'acct-9c405e23f9bfb1cc','reserve',-251240,'task-unified-1795628442-9mtewfg9','key-9ede9481c885',NULL,NULL,NULL,1.79562844234731769561e+09);
INSERT INTO "ledger" VALUES(17,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628442-6wvnl2bl','key-9ede9481c885',NULL,NULL,NULL,1.79562844260122203825e+09);
INSERT INTO "ledger" VALUES(18,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628442-thtcvc03','key-9ede9481c885',NULL,NULL,NULL,1.79562844281408691407e+09);
INSERT INTO "ledger" VALUES(19,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628442-bpf9asyo','key-9ede9481c885',NULL,NULL,NULL,1.79562844291912937161e+09);
INSERT INTO "ledger" VALUES(20,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628443-fg158wf3','key-9ede9481c885',NULL,NULL,NULL,1.79562844315601253513e+09);
INSERT INTO "ledger" VALUES(21,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628443-ep85e5qx','key-9ede9481c885',NULL,NULL,NULL,1.79562844345977520943e+09);
INSERT INTO "ledger" VALUES(22,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628443-nm6m5n1f','key-9ede9481c885',NULL,NULL,NULL,1.7956284436511404514e+09);
INSERT INTO "ledger" VALUES(23,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628444-w2vuodqq','key-9ede9481c885',NULL,NULL,NULL,1.79562844406735968583e+09);
INSERT INTO "ledger" VALUES(24,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628444-7i05m2so','key-9ede9481c885',NULL,NULL,NULL,1.79562844456223940844e+09);
INSERT INTO "ledger" VALUES(25,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628444-jmhqnuwx','key-9ede9481c885',NULL,NULL,NULL,1.79562844487513518336e+09);
INSERT INTO "ledger" VALUES(26,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628445-j7wmqg4i','key-9ede9481c885',NULL,NULL,NULL,1.79562844504389262194e+09);
INSERT INTO "ledger" VALUES(27,'acct-9c405e23f9bfb1cc','reserve',-202520,'task-unified-1795628447-cqicp9d3','key-9ede9481c885',NULL,NULL,NULL,1.79562844771698641773e+09);
INSERT INTO "ledger" VALUES(28,'acct-9c405e23f9bfb1cc','reserve',-202520,'task-unified-1795628448-9ernjdcf','key-9ede9481c885',NULL,NULL,NULL,1.79562844835473179811e+09);
INSERT INTO "ledger" VALUES(29,'acct-9c405e23f9bfb1cc','reserve',-137522,'task-unified-1795628451-orp3tfkh','key-9ede9481c885',NULL,NULL,NULL,1.79562845178649210927e+09);
INSERT INTO "ledger" VALUES(30,'acct-9c405e23f9bfb1cc','reserve',-125020,'task-unified-1795628451-4ilonz6s','key-9ede9481c885',NULL,NULL,NULL,1.79562845186860203742e+09);
INSERT INTO "ledger" VALUES(31,'acct-9c405e23f9bfb1cc','settle',0,'task-unified-1795628451-4ilonz6s','key-9ede9481c885',NULL,NULL,'[{"item": "video", "unit": "second", "quantity": 4.0, "unit_price": 3.1255, "credits": 12.502}]',1.79562845215209531779e+09);
CREATE TABLE queue_clocks (
	name VARCHAR(20) NOT NULL, 
	virtual_time BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "queue_clocks" VALUES('tasks',3825462);
CREATE TABLE "server_secrets" (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "server_secrets" VALUES('result-links','37ed2008540be12a0e5a2df0b0e9b01210bbefc66d2940eb81f719c00af4c869');
INSERT INTO "server_secrets" VALUES('audit-prompts','50eda1986e982cb6ba94c747f5b7c85981fc8ba31b62b414f6c2d5078ca89377');
CREATE TABLE task_events (
	task_id VARCHAR(60) NOT NULL, 
	revision INTEGER NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	stage VARCHAR(20), 
	progress INTEGER NOT NULL, 
	PRIMARY KEY (task_id, revision), 
	FOREIGN KEY(task_id) REFERENCES tasks (id)
);
INSERT INTO "task_events" VALUES('task-unified-1795628440-snzh23o1',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-snzh23o1',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-snzh23o1',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-snzh23o1',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628440-snzh23o1',5,'failed',NULL,1);
INSERT INTO "task_events" VALUES('task-unified-1795628440-05akag9b',6,'cancelled',NULL,13);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-z67x2yft',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-z67x2yft',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-zp21tkjd',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-zp21tkjd',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-z67x2yft',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e7gvkvc7',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-zp21tkjd',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e7gvkvc7',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-zp21tkjd',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e7gvkvc7',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e7gvkvc7',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e7gvkvc7',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-t4bz1lis',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-t4bz1lis',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-9mtewfg9',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628442-9mtewfg9',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-6wvnl2bl',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-t4bz1lis',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-6wvnl2bl',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-9mtewfg9',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-thtcvc03',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628442-t4bz1lis',4,'processing','search',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-6wvnl2bl',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vadgzlfj',6,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628442-thtcvc03',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-9mtewfg9',4,'processing','search',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-thtcvc03',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',6,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',6,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628442-thtcvc03',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',6,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-9mtewfg9',5,'processing','plan',13);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-bpf9asyo',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',9,'processing','screen',12);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',10,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628441-e2m32x3u',7,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',7,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628441-vbwsh9ri',11,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',9,'processing','screen',12);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',10,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',7,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628442-8mbznzuf',8,'processing','store',97);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',11,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628441-ecgro2j6',8,'processing','store',97);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',5,'processing','fetch',6);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',6,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-fg158wf3',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628441-xlg101dw',12,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628443-nm6m5n1f',10,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628443-ep85e5qx',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',10,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',7,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',11,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',8,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',10,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628444-w2vuodqq',11,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',10,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',11,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',9,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',10,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',11,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',12,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628444-jmhqnuwx',13,'processing','store',97);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',12,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628445-j7wmqg4i',13,'processing','store',97);
INSERT INTO "task_events" VALUES('task-unified-1795628444-7i05m2so',12,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',5,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',6,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',7,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',8,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628447-cqicp9d3',9,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',4,'processing','fetch',1);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',5,'processing','probe',6);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',6,'processing','probe',11);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',7,'processing','screen',11);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',8,'processing','plan',12);
INSERT INTO "task_events" VALUES('task-unified-1795628448-9ernjdcf',9,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628451-orp3tfkh',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',1,'pending',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',2,'processing',NULL,0);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',3,'processing','moderate',0);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',4,'processing','plan',1);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',5,'processing','render',13);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',6,'processing','check',94);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',7,'processing','sign',96);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',8,'processing','store',97);
INSERT INTO "task_events" VALUES('task-unified-1795628451-4ilonz6s',9,'completed',NULL,100);
CREATE TABLE task_stages (
	task_id VARCHAR(60) NOT NULL, 
	stage VARCHAR(20) NOT NULL, 
	result JSON NOT NULL, 
	seconds FLOAT NOT NULL, 
	finished FLOAT NOT NULL, 
	PRIMARY KEY (task_id, stage), 
	FOREIGN KEY(task_id) REFERENCES tasks (id)
);
INSERT INTO "task_stages" VALUES('task-unified-1795628440-snzh23o1','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844101458072665e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628440-snzh23o1','moderate','{}',1.34633252000071479415e-01,1.79562844101641488079e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628440-05akag9b','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844104371786119e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628440-05akag9b','moderate','{}',2.36078770000176518806e-02,1.79562844104500389094e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628440-05akag9b','plan','{"prompt": "a cat, cancelled while it rendered", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, cancelled while it rendered", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',0.00249364500007232,1.79562844105098080634e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','moderate','{}',1.87023063000083311635e-01,1.7956284417192206383e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','moderate','{}',0.0746997649999912,1.7956284417287545204e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-zp21tkjd','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844186157608027e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-zp21tkjd','moderate','{}',1.30234776000065721746e-01,1.79562844186228847504e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e7gvkvc7','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844206609630581e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e7gvkvc7','moderate','{}',2.01643926000087958527e-01,1.79562844206682348247e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vadgzlfj','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844207605600355e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vadgzlfj','moderate','{}',1.12420842999995329591e-01,1.79562844207669329642e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','fetch','{"image_urls[0] (127.0.0.1)": 691}',4.30181956999945214192e-01,1.79562844215112471578e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e7gvkvc7','plan','{"prompt": "a cat, stopped before render", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, stopped before render", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',8.50642110000308093731e-02,1.79562844215353345869e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e2m32x3u','moderate','{}',8.48056379999206910724e-02,1.79562844215600132943e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','fetch','{"image_urls[0] (127.0.0.1)": 691}',4.44993102000012186181e-01,1.79562844217686939235e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vadgzlfj','plan','{"prompt": "a cat, stopped before check", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, stopped before check", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',1.05610463000061827187e-01,1.795628442189565897e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','moderate','{}',1.13953783999932056758e-01,1.79562844220011544231e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e2m32x3u','plan','{"prompt": "a cat, stopped before sign", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, stopped before sign", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',2.08119188999944526585e-01,1.79562844236679363253e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','plan','{"prompt": "a cat, stopped before store", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, stopped before store", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',3.95826316000011502183e-01,1.79562844260269904132e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','moderate','{}',3.99474600999951690027e-01,1.7956284426093370915e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','plan','{"prompt": "a cat, stopped after store", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, stopped after store", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',2.04539797000052203657e-01,1.79562844281664061541e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-t4bz1lis','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844281953668595e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-t4bz1lis','moderate','{}',2.02155864000019391824e-01,1.79562844282039856913e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vadgzlfj','render','{"engine": "blank", "substitute": false, "seconds": 0.00022817800004304445, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',6.33097316999965187278e-01,1.79562844282526755338e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-9mtewfg9','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.7956284429338636398e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-9mtewfg9','moderate','{}',1.24112233999994714395e-01,1.79562844293514657016e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e2m32x3u','render','{"engine": "blank", "substitute": false, "seconds": 0.33174399099993934, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',0.788985220000086,1.79562844316424679753e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','render','{"engine": "blank", "substitute": false, "seconds": 0.1994916569999532, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',8.56082270000001699372e-01,1.79562844346581888203e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-thtcvc03','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.7956284434756627083e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-thtcvc03','moderate','{}',3.28689765000035549746e-01,1.79562844347662687303e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-bpf9asyo','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844362265253061e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-bpf9asyo','moderate','{}',4.46635604999983115703e-01,1.79562844362357974057e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','render','{"engine": "blank", "substitute": false, "seconds": 0.00033811000002970104, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',8.0721436800001811207e-01,1.79562844362607550619e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-9mtewfg9','search','{"searches": 0, "facts": [], "queries": [], "note": "web search: no provider is set up here, so nothing was searched or charged"}',0.717443032999995,1.79562844365581560134e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-fg158wf3','filter','[{"input": "prompt", "verdict": "allowed"}]',0.0,1.79562844405636477468e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-fg158wf3','moderate','{}',4.22681774000011500902e-01,1.79562844405768156047e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-ep85e5qx','moderate','{}',3.83937241000012363656e-01,1.79562844408289098733e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','moderate','{}',4.97660123000059684272e-01,1.79562844459499239922e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628441-vbwsh9ri/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628441-vbwsh9ri/image-1.source"}]',2.4570174960000485953e+00,1.79562844461073279375e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e2m32x3u','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562844487997984883e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-bpf9asyo','fetch','{"image_urls[0] (127.0.0.1)": 691}',1.35334964300000137882e+00,1.79562844497918915748e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628441-xlg101dw/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628441-xlg101dw/image-1.source"}]',2.79880055199998878379e+00,1.7956284449835681915e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','moderate','{}',3.6242299700006697094e-01,1.79562844499116539952e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562844499882054332e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.7956284450088748932e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844501690506938e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','screen','{}',4.01683044999913363426e-01,1.79562844502812671656e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-e2m32x3u','check','{"bytes": 10168, "marked": false}',1.88337062200002947065e+00,1.79562844505301117898e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-fg158wf3','fetch','{"image_urls[0] (127.0.0.1)": 691}',1.13010153900006571348e+00,1.79562844519043374059e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','moderate','{}',1.86638924000021688698e-01,1.79562844519467449191e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','check','{"bytes": 10168, "marked": false}',1.56835177000004932779e+00,1.79562844519768834115e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','plan','{"prompt": "a dog, ark failed, stopped in render at blank", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, ark failed, stopped in render at blank", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.61946069000009629235e-01,1.79562844520594716069e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844521676945688e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','screen','{}',2.321170449999954144e-01,1.79562844521825861927e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','check','{"bytes": 10168, "marked": false}',1.74855308600001535523e+00,1.79562844522321939468e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-ep85e5qx','fetch','{"image_urls[0] (127.0.0.1)": 691}',1.16787738800007900863e+00,1.79562844525986480708e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','moderate','{}',2.36230559999967226758e-01,1.79562844528785419458e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','sign','{"bytes": 3682}',1.79348142000094412651e-01,1.79562844538053321833e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','plan','{"prompt": "a dog, ark failed, blank made it, stopped before check", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, ark failed, blank made it, stopped before check", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.64230212999996183498e-01,1.79562844538552403446e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-ecgro2j6','sign','{"bytes": 3683}',0.169318712000063,1.79562844539535045626e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','fetch','{"image_urls[0] (127.0.0.1)": 691}',7.97084049999966737232e-01,1.79562844540717720981e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','moderate','{}',1.16205209999975522805e-01,1.79562844542072296144e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628442-8mbznzuf','store','{"key": "task-unified-1795628442-8mbznzuf.mp4"}',9.00251020000268908916e-02,1.7956284454787015915e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','fetch','{"image_urls[0] (127.0.0.1)": 691}',4.85541943999919567431e-01,1.79562844548360824592e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','fetch','{"image_urls[0] (127.0.0.1)": 691}',3.99745508000023619388e-01,1.79562844560602641102e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','fetch','{"image_urls[0] (127.0.0.1)": 691}',4.35862147999955595878e-01,1.79562844573231625558e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','fetch','{"image_urls[0] (127.0.0.1)": 691}',4.52333601999953316408e-01,1.79562844589230823514e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-fg158wf3','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628443-fg158wf3/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628443-fg158wf3/image-1.source"}]',9.71985482999912164814e-01,1.79562844616497635846e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','upstream','null',0.0,1.79562844626042771335e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-vbwsh9ri','engines','[{"engine": "ark", "code": "service_error", "message": "the upstream failed (InternalServiceError); please try again"}]',0.0,1.79562844627427816391e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','upstream','null',0.0,1.79562844629548168176e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','engines','[{"engine": "ark", "code": "service_error", "message": "the upstream failed (InternalServiceError); please try again"}]',0.0,1.79562844629646921161e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628441-xlg101dw','render','{"engine": "blank", "substitute": true, "seconds": 0.0003275550000125804, "size": [864, 496], "notes": [], "usage": {}, "failed_before": [{"engine": "ark", "code": "service_error", "message": "the upstream failed (InternalServiceError); please try again"}]}',9.25873582999997779552e-01,1.79562844631463980676e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628443-nm6m5n1f/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628443-nm6m5n1f/image-1.source"}]',9.53293809000001601816e-01,1.79562844636296939848e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844651076459882e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','screen','{}',1.46368654999946556927e-01,1.79562844651212191585e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-nm6m5n1f','plan','{"prompt": "a dog, stopped before render", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, stopped before render", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',7.54582000001846608938e-03,1.7956284465756323337e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-ep85e5qx','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628443-ep85e5qx/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628443-ep85e5qx/image-1.source"}]',1.54736455900001601548e+00,1.79562844682266044621e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628444-jmhqnuwx/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628444-jmhqnuwx/image-1.source"}]',1.12487498899997717671e+00,1.79562844687460017203e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-ep85e5qx','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844699052548405e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628443-ep85e5qx','screen','{}',1.66384079999943423899e-01,1.79562844699158716201e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628444-w2vuodqq/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628444-w2vuodqq/image-1.source"}]',1.550515163,1.79562844704660511023e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','screen','{}',1.94747842999959175358e-01,1.79562844707187700275e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','plan','{"prompt": "a dog, stopped before store", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, stopped before store", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.13593000000946631189e-02,1.79562844710231494906e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','render','{"engine": "blank", "substitute": false, "seconds": 0.0003455920000305923, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',3.72768639999776496551e-02,1.79562844714267873767e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628444-7i05m2so/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628444-7i05m2so/image-1.source"}]',1.54634999600000355712e+00,1.79562844715538382531e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628445-j7wmqg4i/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628445-j7wmqg4i/image-1.source"}]',1.25735872699999617907e+00,1.79562844717365241052e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844719055128093e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','screen','{}',1.42131607000010262709e-01,1.79562844719125318531e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','plan','{"prompt": "a dog, stopped before check", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, stopped before check", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',9.84274300003562530037e-03,1.79562844720352125164e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-w2vuodqq','render','{"engine": "blank", "substitute": false, "seconds": 0.00023641999996470986, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',3.6069740000357342069e-03,1.7956284472140233517e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','screen','{}',9.53211280000232363818e-02,1.79562844727083468438e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','plan','{"prompt": "a dog, stopped after store", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, stopped after store", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.41119879999678232707e-02,1.7956284472871568203e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','render','{"engine": "blank", "substitute": false, "seconds": 0.00023399699989568035, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',5.73264399997697182698e-03,1.79562844729542827604e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','screen','{}',1.48287912999990112439e-01,1.79562844731828331942e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','plan','{"prompt": "a dog, stopped before sign", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, stopped before sign", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.56318209999426471767e-02,1.79562844733650898935e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','render','{"engine": "blank", "substitute": false, "seconds": 0.00025325600006453897, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',0.00562846000002537,1.79562844734650945656e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562844743734145161e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','check','{"bytes": 10168, "marked": false}',3.23941932000025190063e-01,1.79562844747937917712e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-jmhqnuwx','sign','{"bytes": 3693}',1.78267119999873102642e-02,1.79562844751263689995e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562844756930232049e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','check','{"bytes": 10168, "marked": false}',2.89909138999973947647e-01,1.79562844759859848017e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562844761858820914e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','sign','{"bytes": 3692}',2.86531620000687325955e-02,1.79562844763034272195e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628445-j7wmqg4i','store','{"key": "task-unified-1795628445-j7wmqg4i.mp4"}',8.97927400001208297908e-03,1.7956284476423494816e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628444-7i05m2so','check','{"bytes": 10168, "marked": false}',2.85000125999999909254e-01,1.79562844764357161519e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','moderate','{}',2.72604899998896144097e-03,1.79562844781075930597e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','fetch','{"image_urls[0] (127.0.0.1)": 691}',1.72121000002789514837e-03,1.79562844781491374969e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628447-cqicp9d3/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628447-cqicp9d3/image-1.source"}]',3.1992772499995680846e-01,1.79562844813757038113e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844820669341092e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','screen','{}',0.0673556940000708,1.79562844820769643779e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','plan','{"prompt": "a dog, waiting at ark", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, waiting at ark", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',2.79807600009007728658e-03,1.7956284482194113731e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628447-cqicp9d3','upstream','{"engine": "ark", "begun": {"errand": "task-unified-1795628447-cqicp9d3-0", "handle": "cgt-20261125174048-eda8d", "at": 1795628448.2270453}}',0.0,1.79562844826844334603e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','moderate','{}',2.91742199999589502112e-03,1.79562844845949935905e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','fetch','{"image_urls[0] (127.0.0.1)": 691}',2.08065200001783523475e-03,1.79562844846845126155e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','probe','[{"kind": "image", "number": 1, "width": 300, "height": 300, "seconds": 0.0, "frame_rate": 0.0, "has_audio": false, "has_alpha": false, "plain_background": false, "path": "/srv/opendance/work/task-unified-1795628448-9ernjdcf/image-1.png", "sound_path": null, "notes": [], "source_path": "/srv/opendance/work/task-unified-1795628448-9ernjdcf/image-1.source"}]',0.250218053000026,1.79562844872191214556e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "image_urls[0]", "verdict": "allowed"}]',0.0,1.79562844875368118283e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','screen','{}',3.02790119999372109305e-02,1.79562844875458335874e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','plan','{"prompt": "a dog, parked at ark", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a dog, parked at ark", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc15", "name": "dog", "words": "dog", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc36", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [{"kind": "image", "number": 1, "role": "first_frame", "start": 0.0, "end": 4.0, "words": "the order of image_urls", "target": null, "backwards": false}], "facts": [], "found": [["image 1: first_frame", "the order of image_urls"], ["subject: \ud83d\udc15 dog, idle", "dog"]]}',1.24798900003497692523e-03,1.79562844875773549085e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628448-9ernjdcf','upstream','{"engine": "ark", "begun": {"errand": "task-unified-1795628448-9ernjdcf-0", "handle": "cgt-20261125174048-be50a", "at": 1795628448.7595289}}',0.0,1.79562844876721024517e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','moderate','{}',2.30400399993868632009e-03,1.79562845196037983892e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','plan','{"prompt": "a cat, completed", "language": "en", "seconds": 4.0, "aspect_ratio": "16:9", "style": "natural", "mood": "calm", "shots": [{"start": 0.0, "end": 4.0, "text": "a cat, completed", "setting": "field", "hour": "day", "weather": "clear", "size": "medium", "camera": {"move": "push_in", "speed": 1.0, "handheld": false}, "subjects": [{"emoji": "\ud83d\udc08", "name": "cat", "words": "cat", "count": 1, "action": "idle", "instrument": null, "face": "\ud83d\udc31", "image": null}], "particles": [], "shallow_focus": false}], "dialogue": [], "music": null, "silent_music": false, "references": [], "assets": [], "facts": [], "found": [["subject: \ud83d\udc08 cat, idle", "cat"]]}',8.17221000033896416425e-04,1.79562845196317601203e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','render','{"engine": "blank", "substitute": false, "seconds": 0.00039382299996759684, "size": [864, 496], "notes": [], "usage": {}, "failed_before": []}',1.83946499998910439899e-03,1795628451.96701);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','filter','[{"input": "prompt", "verdict": "allowed"}, {"input": "output", "verdict": "allowed"}]',0.0,1.79562845209864068024e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','check','{"bytes": 10168, "marked": false}',1.42889855000021270825e-01,1.79562845211456131931e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','sign','{"bytes": 3671}',2.63577669999222052865e-02,1.79562845214413762092e+09);
INSERT INTO "task_stages" VALUES('task-unified-1795628451-4ilonz6s','store','{"key": "task-unified-1795628451-4ilonz6s.mp4"}',8.49929999958476400934e-04,1.79562845214781641959e+09);
CREATE TABLE tasks (
	id VARCHAR(60) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	user_group VARCHAR(40) NOT NULL, 
	model VARCHAR(60) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	stage VARCHAR(20), 
	progress INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	request JSON NOT NULL, 
	seed BIGINT NOT NULL, 
	estimated_time INTEGER NOT NULL, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	finished FLOAT, 
	error_code VARCHAR(60), 
	error_message TEXT, 
	result_key VARCHAR(200), 
	cancel_requested INTEGER NOT NULL, 
	owner VARCHAR(40), 
	attempts INTEGER NOT NULL, credits_reserved BIGINT NOT NULL DEFAULT 0, credits_used BIGINT, price_ratio VARCHAR(40) NOT NULL DEFAULT '1', price_lines JSON, key_id VARCHAR(40), start_tag BIGINT NOT NULL DEFAULT 0, queue_cost BIGINT NOT NULL DEFAULT 0, queue_rank INTEGER NOT NULL DEFAULT 0, base_url VARCHAR(2048) NOT NULL DEFAULT '', result_link TEXT, swept FLOAT, trace VARCHAR(60), engine VARCHAR(60), substitute BOOLEAN DEFAULT 0 NOT NULL, parked_until FLOAT, parks INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "tasks" VALUES('task-unified-1795628440-snzh23o1','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','failed',NULL,1,5,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, failed at fetch", "image_urls": ["http://127.0.0.1:8000/no-such.png"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',2949808062,1,1.79562844056056857109e+09,1.79562844057269716262e+09,1.79562844112616133685e+09,'resource_not_found','image_urls[0] (127.0.0.1): the host answered 404',NULL,0,'local-354112d7b09a403e',1,125020,0,'1','[]','key-9ede9481c885',0,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628440-05akag9b','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','cancelled',NULL,13,6,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, cancelled while it rendered", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',1834091504,1,1.79562844087540173527e+09,1.79562844089028310779e+09,1.79562844128845643999e+09,'request_cancelled','the task was cancelled while it ran',NULL,1,'local-354112d7b09a403e',1,125020,0,'1','[]','key-9ede9481c885',125020,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-vbwsh9ri','acct-9c405e23f9bfb1cc','default','seedance-2.0-fast-image-to-video','processing','render',13,11,'{"model": "seedance-2.0-fast-image-to-video", "prompt": "a dog, ark failed, stopped in render at blank", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',495125111,2,1.79562844130126261711e+09,1.79562844136058664314e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,202520,NULL,'1',NULL,'key-9ede9481c885',250040,202520,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-xlg101dw','acct-9c405e23f9bfb1cc','default','seedance-2.0-fast-image-to-video','processing','check',94,12,'{"model": "seedance-2.0-fast-image-to-video", "prompt": "a dog, ark failed, blank made it, stopped before check", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',903920559,2,1.79562844141673064232e+09,1.7956284414760007858e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,202520,NULL,'1',NULL,'key-9ede9481c885',452560,202520,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',1,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-z67x2yft','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','moderate',0,3,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before moderate", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',1262701015,1,1.79562844152618145947e+09,1.79562844153536438937e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',655080,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-zp21tkjd','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','plan',1,4,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before plan", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',2570261169,1,1.79562844164540767665e+09,1.7956284416567714215e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',780100,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-e7gvkvc7','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','render',13,5,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before render", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3163683663,1,1.79562844172292685506e+09,1.79562844173453807833e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',905120,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-vadgzlfj','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','check',94,6,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before check", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',1470012919,1,1.79562844179490494725e+09,1.7956284418000690937e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',1030140,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-e2m32x3u','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','sign',96,7,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before sign", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3367911799,1,1.79562844185855555534e+09,1.79562844186657500269e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',1155160,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628441-ecgro2j6','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','store',97,8,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped before store", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',365819327,1,1.79562844195990777016e+09,1.79562844196921300886e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',1280180,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-8mbznzuf','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','processing','store',97,8,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, stopped after store", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',2571665442,1,1795628442.07222,1.79562844208883547777e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',1405200,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-t4bz1lis','acct-9c405e23f9bfb1cc','default','seedance-2.0-text-to-video','processing','search',1,4,'{"model": "seedance-2.0-text-to-video", "prompt": "the weather in Seoul today, stopped before search", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": true}}',1131545950,3,1.79562844215926814082e+09,1795628442.21423,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,251240,NULL,'1',NULL,'key-9ede9481c885',1530220,251240,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-9mtewfg9','acct-9c405e23f9bfb1cc','default','seedance-2.0-text-to-video','processing','plan',13,5,'{"model": "seedance-2.0-text-to-video", "prompt": "the weather in Seoul today, stopped before plan", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": true}}',114815791,3,1.79562844234634757037e+09,1.79562844238397979735e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,251240,NULL,'1',NULL,'key-9ede9481c885',1781460,251240,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-6wvnl2bl','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','moderate',0,3,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before moderate", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3004986038,1,1.79562844260014557837e+09,1.795628442620798111e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2032700,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-thtcvc03','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','fetch',1,4,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before fetch", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3783472707,1,1.79562844281312751775e+09,1.79562844283247399334e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2157720,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628442-bpf9asyo','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','probe',6,6,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before probe", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3702940393,2,1.79562844291807222367e+09,1.7956284429399697781e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2282740,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628443-fg158wf3','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','screen',11,8,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before screen", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',1000647110,2,1.79562844315373134609e+09,1.79562844318972611424e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2407760,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628443-ep85e5qx','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','plan',12,9,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before plan", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',1959976342,2,1.79562844345860171324e+09,1.79562844348989367488e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2532780,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628443-nm6m5n1f','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','render',13,10,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before render", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',568029478,2,1.79562844364865946767e+09,1.79562844370319700244e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2657800,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628444-w2vuodqq','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','check',94,11,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before check", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3799452015,2,1.79562844406585454945e+09,1.79562844410696244236e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2782820,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628444-7i05m2so','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','sign',96,12,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before sign", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',516548770,2,1.79562844455182576185e+09,1.79562844464745521542e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',2907840,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628444-jmhqnuwx','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','store',97,13,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped before store", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',2502867943,2,1.795628444874037981e+09,1.79562844488264226915e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',3032860,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628445-j7wmqg4i','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-image-to-video','processing','store',97,13,'{"model": "seedance-2.0-mini-image-to-video", "prompt": "a dog, stopped after store", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',537203300,2,1.79562844504265880585e+09,1.79562844505789756771e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,125020,NULL,'1',NULL,'key-9ede9481c885',3157880,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628447-cqicp9d3','acct-9c405e23f9bfb1cc','default','seedance-2.0-fast-image-to-video','processing','render',13,9,'{"model": "seedance-2.0-fast-image-to-video", "prompt": "a dog, waiting at ark", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3556464385,2,1.7956284477158532143e+09,1.79562844774793267253e+09,NULL,NULL,NULL,NULL,0,'local-354112d7b09a403e',1,202520,NULL,'1',NULL,'key-9ede9481c885',3282900,202520,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628448-9ernjdcf','acct-9c405e23f9bfb1cc','default','seedance-2.0-fast-image-to-video','processing','render',13,9,'{"model": "seedance-2.0-fast-image-to-video", "prompt": "a dog, parked at ark", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}}',3047235608,2,1.79562844835340571403e+09,1.79562844839128160469e+09,NULL,NULL,NULL,NULL,0,NULL,1,202520,NULL,'1',NULL,'key-9ede9481c885',3485420,202520,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'ark',0,1.79562847908465886117e+09,1);
INSERT INTO "tasks" VALUES('task-unified-1795628451-orp3tfkh','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-reference-to-video','pending',NULL,0,1,'{"model": "seedance-2.0-mini-reference-to-video", "prompt": "image 1 is a cat, pending", "image_urls": ["http://127.0.0.1:8000/api/v1/files/content/file-eec1c9f72b72c5504a943047.png?ends=1795887640&signature=fff629e30c4127990949747ca3b06e8f127628d7dfd2fc205efd5d7d7ce653e0"], "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": false, "model_params": {"web_search": false, "seed": 4242}, "callback_url": "https://example.com/hook"}',4242,2,1.79562845178498673437e+09,NULL,NULL,NULL,NULL,NULL,0,NULL,0,137522,NULL,'1',NULL,'key-9ede9481c885',3687940,137522,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,NULL,0,NULL,0);
INSERT INTO "tasks" VALUES('task-unified-1795628451-4ilonz6s','acct-9c405e23f9bfb1cc','default','seedance-2.0-mini-text-to-video','completed',NULL,100,9,'{"model": "seedance-2.0-mini-text-to-video", "prompt": "a cat, completed", "duration": 4, "quality": "480p", "aspect_ratio": "16:9", "generate_audio": true, "content_filter": true, "model_params": {"web_search": false}, "callback_url": "https://example.com/hook"}',89602777,2,1.79562845186745953561e+09,1.79562845187124657626e+09,1.7956284521492426395e+09,NULL,NULL,'task-unified-1795628451-4ilonz6s.mp4',0,'local-354112d7b09a403e',1,125020,125020,'1','[{"item": "video", "unit": "second", "quantity": 4.0, "unit_price": 3.1255, "credits": 12.502}]','key-9ede9481c885',3825462,125020,-1,'http://127.0.0.1:8000/',NULL,NULL,NULL,'blank',0,NULL,0);
CREATE TABLE uploaded_files (
	id VARCHAR(40) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	original_name VARCHAR(200) NOT NULL, 
	upload_path VARCHAR(200) NOT NULL, 
	size BIGINT NOT NULL, 
	mime_type VARCHAR(100) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	created FLOAT NOT NULL, 
	expires FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "uploaded_files" VALUES('file-eec1c9f72b72c5504a943047','acct-9c405e23f9bfb1cc','upload.png','upload.png','',691,'image/png','uploads/file-eec1c9f72b72c5504a943047.png',1.79562844054900240899e+09,1.79588764054900240901e+09);
CREATE TABLE user_groups (
	name VARCHAR(40) NOT NULL, 
	price_ratio VARCHAR(40) NOT NULL, 
	priority INTEGER NOT NULL, 
	requests_per_minute INTEGER, 
	max_tasks INTEGER, 
	total_requests_per_minute INTEGER, 
	total_max_tasks INTEGER, 
	max_files INTEGER NOT NULL, 
	engines JSON, 
	PRIMARY KEY (name)
);
INSERT INTO "user_groups" VALUES('default','1',1,NULL,NULL,NULL,NULL,100,NULL);
INSERT INTO "user_groups" VALUES('vip','1',4,NULL,NULL,NULL,NULL,500,NULL);
CREATE INDEX tasks_by_account ON tasks (account_id, created, id);
CREATE INDEX uploaded_files_by_account ON uploaded_files (account_id, created);
CREATE INDEX uploaded_files_by_end ON uploaded_files (expires);
CREATE INDEX accounts_by_group ON accounts (user_group);
CREATE UNIQUE INDEX api_keys_by_previous ON api_keys (previous_sha256);
CREATE INDEX tasks_by_turn ON tasks (status, start_tag, queue_rank, created, id);
CREATE UNIQUE INDEX ledger_one_end ON ledger (task_id) WHERE kind IN ('settle', 'refund');
CREATE INDEX ledger_by_account ON ledger (account_id, id);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created);
CREATE INDEX deliveries_by_task ON deliveries (task_id, created);
CREATE INDEX deliveries_by_due ON deliveries (status, due);
CREATE INDEX tasks_with_result ON tasks (finished) WHERE result_key IS NOT NULL AND swept IS NULL;
CREATE INDEX tasks_by_finish ON tasks (finished);
CREATE INDEX tasks_parked ON tasks (parked_until) WHERE parked_until IS NOT NULL;
CREATE INDEX audit_by_account ON audit (account_id, id);
CREATE TRIGGER ledger_moves_credits AFTER INSERT ON ledger BEGIN 
    UPDATE accounts SET balance = balance + NEW.amount, live_tasks = live_tasks + CASE NEW.kind WHEN 'reserve' THEN 1 WHEN 'settle' THEN -1 WHEN 'refund' THEN -1 ELSE 0 END WHERE id = NEW.account_id;
    UPDATE api_keys SET used = used - NEW.amount, live_tasks = live_tasks + CASE NEW.kind WHEN 'reserve' THEN 1 WHEN 'settle' THEN -1 WHEN 'refund' THEN -1 ELSE 0 END WHERE id = NEW.key_id;
 END;
CREATE TRIGGER ledger_keeps_rows BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_keeps_values BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit WHEN OLD.at > CAST(strftime('%s', 'now') AS REAL) - 2592000 BEGIN SELECT RAISE(ABORT, 'rows of the audit log are kept for 30 days at least'); END;
COMMIT;
